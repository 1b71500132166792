import HTTPPipeline
import KeyConstructor
import PipelineTesting
import Repositories
import Testing

@Suite struct SQLTextTests {
    @Test func `Lists are read with bound values in both dialects`() throws {
        let query = RowQuery(
            Places.name.hasPrefix("B%") && Places.area > 1, order: [Places.area.descending], limit: 10, offset: 20,
            fields: ["id", "name"])
        let sqlite = try SQLText.rows(query, in: Places.all, for: .sqlite)
        #expect(
            sqlite.text == """
                SELECT "id", "name" FROM "places" WHERE "name" >= ? AND "name" < ? AND "area" > ? \
                ORDER BY "area" DESC, "id" DESC LIMIT ? OFFSET ?
                """)
        #expect(sqlite.values == ["B%", "B&", 1.0, 10, 20])
        let postgreSQL = try SQLText.rows(query, in: Places.all, for: .postgreSQL)
        #expect(
            postgreSQL.text == """
                SELECT "id", "name" FROM "places" WHERE "name" COLLATE "C" >= $1 AND "name" COLLATE "C" < $2 AND "area" > $3 \
                ORDER BY "area" DESC NULLS LAST, "id" DESC LIMIT $4 OFFSET $5
                """)
        #expect(postgreSQL.values == sqlite.values)
    }

    @Test(arguments: [
        (Places.country == "x' OR '1'='1", #""country" = ?"#), (Places.id.in([1, 2]), #""id" IN (?, ?)"#),
        (!(Places.area.isNull || Places.id != 3), #"NOT ("area" IS NULL OR "id" <> ?)"#),
        (Places.population.between(1, 2), #""population" BETWEEN ? AND ?"#), (.none, "FALSE"),
        (Places.name.contains("a"), #"instr("name", ?) > 0"#),
        (Places.name.hasSuffix("é"), #"substr(CAST("name" AS BLOB), ?) = CAST(? AS BLOB)"#),
        (Places.name.hasPrefix("\u{10FFFF}"), #""name" >= ?"#),
    ])
    func `Conditions have parameters in place of values`(selection: Selection, condition: String) throws {
        let text = try SQLText.count(selection, in: Places.all, for: .sqlite)
        #expect(text.text == #"SELECT COUNT(*) FROM "places" WHERE "# + condition)
    }

    @Test func `Writes have parameters for fields, keys and versions`() throws {
        let update = SQLText.update(
            ["name"], checksVersion: true, scope: Places.country == "AD", in: Places.all, for: .postgreSQL)
        #expect(
            update?.text == """
                UPDATE "places" SET "name" = $1, "version" = "places"."version" + 1 \
                WHERE "id" = $2 AND "version" = $3 AND ("country" = $4)
                """)
        #expect(update?.parameters == [.field("name"), .key, .expectedVersion, .value("AD")])
        let upsert = SQLText.upsert(
            ["name", "area"], uniqueBy: ["name"], updating: ["area"], scope: Places.country == "AD", in: Places.all,
            for: .postgreSQL)
        #expect(
            upsert.text == """
                INSERT INTO "places" ("name", "area", "version") VALUES ($1, $2, $3) ON CONFLICT ("name") \
                DO UPDATE SET "area" = excluded."area", "version" = "places"."version" + 1 \
                WHERE "places"."country" = $4 RETURNING "id", (xmax = 0)
                """)
        #expect(upsert.parameters == [.field("name"), .field("area"), .firstVersion, .value("AD")])
        let delete = SQLText.deleteAll(Places.id < 5, in: Places.all, for: .sqlite)
        #expect(delete.text == #"DELETE FROM "places" WHERE "id" < ?"#)
    }

    @Test func `A query is described by its statement and values`() throws {
        let repository = try MemoryRepository(Places.all)
        let query = RowQuery(Places.country == "AD")
        let description = repository.description(of: query)
        #expect(description.statement.hasSuffix(#"WHERE "country" = ? ORDER BY "id""#))
        #expect(description.values == [.string("AD")])
        #expect(description != repository.description(of: RowQuery(Places.country == "FR")))
        #expect(description != repository.description(of: RowQuery(Places.country == "AD", limit: 1)))
        #expect(repository.description(of: RowQuery(.none)).isEmpty)
        #expect(repository.description(of: RowQuery(Places.country.in([]))).isEmpty)
    }
}
