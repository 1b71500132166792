#if PostgreSQL
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import TestSupport
import Testing

/// Repositories that read from a view and write to its table.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason))
struct PostgreSQLViewTests {
    private enum City {
        static let id = Field.integer("id").key()
        static let name = Field.text("name").sorted()
        static let country = Field.text("country_code")
        static let countryName = Field.text("country_name").readOnly().filtered(.equality).sorted()
        static let version = Field.integer("version").hidden().version()
        static let all = FieldSet("cities", id, name, country, countryName, version).reading(from: "named_cities")
    }

    private static let schema = """
        CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE cities (
            id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL, country_code TEXT NOT NULL REFERENCES countries (code),
            version BIGINT NOT NULL
        );
        CREATE VIEW named_cities AS SELECT cities.*, countries.name AS country_name
            FROM cities JOIN countries ON code = country_code;
        INSERT INTO countries VALUES ('AT', 'Austria'), ('DE', 'Germany');
        INSERT INTO cities VALUES (1, 'Graz', 'AT', 1), (2, 'Linz', 'AT', 1), (3, 'Bonn', 'DE', 1);
        """

    @Test func `Columns of the view are read, filtered and ordered`() async throws {
        try await TestDatabase.with(schema: Self.schema) { database in
            let cities = PostgreSQLRepository(City.all, in: database.client)
            try await cities.check()
            let rows = try await cities.rows(
                RowQuery(City.countryName != "", order: [City.countryName.descending, City.name.ascending]))
            #expect((0..<3).map { rows.value(row: $0, field: "name") } == ["Bonn", "Graz", "Linz"])
            #expect(rows.value(row: 0, field: "country_name") == "Germany")
            #expect(try await cities.count(City.countryName == "Austria") == 2)
        }
    }

    @Test func `Writes change the table, within a scope of the view`() async throws {
        try await TestDatabase.with(schema: Self.schema) { database in
            let cities = PostgreSQLRepository(City.all, in: database.client)
            // The sequence is behind the given keys.
            let created = try await cities.apply(RowWrite(.create, RowBatch(["name": "Wels", "country_code": "AT"])))
            #expect(created.createdCount == 1)

            let austrian = City.countryName == "Austria"
            let rows = RowBatch(columns: ["id", "name"], rows: [[1, "GRAZ"], [3, "BONN"]])
            var write = RowWrite(.update, rows, scope: austrian, isAtomic: false)
            #expect(try await cities.apply(write).outcomes.map(\.error?.code) == [nil, .notFound])
            write.keepsScope = true
            write.rows = RowBatch(columns: ["id", "country_code"], rows: [[1, "AT"], [2, "DE"]])
            #expect(
                try await cities.apply(write).failedCount == 0,
                "the view decides, and the country's name is not written")
            _ = try await cities.apply(RowWrite(.update, RowBatch(["id": 2, "country_code": "AT"])))
            let upserted = try await cities.apply(
                RowWrite(
                    .upsert(uniqueBy: ["id"]), RowBatch(["id": 3, "name": "B", "country_code": "DE"]), scope: austrian))
            #expect(upserted.failures.map(\.error.code) == [.duplicate])
            #expect(try await cities.applyAll(austrian, setting: RowBatch(["name": "x"]), limit: 9) == 3)
            let deleted = try await cities.apply(
                RowWrite(.delete, RowBatch(columns: ["id"], rows: [[1], [3]]), scope: austrian, isAtomic: false))
            #expect(deleted.outcomes.map(\.error?.code) == [nil, .notFound])
            #expect(try await cities.applyAll(austrian, setting: nil, limit: nil) == 2)
            #expect(try await cities.count(.all) == 1)
        }
    }

    /// Writes that are in progress while another transaction moves the city to a country outside of their scope.
    @Test(arguments: ["update", "upsert", "delete", "all", "removal of all"])
    func `A row that leaves the scope of the view is not written`(_ kind: String) async throws {
        try await TestDatabase.with(schema: Self.schema) { database in
            let cities = PostgreSQLRepository(City.all, in: database.client)
            let austrian = City.countryName == "Austria"
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                try await database.client.withTransaction { connection in
                    _ = try await connection.execute("UPDATE cities SET country_code = 'DE' WHERE id = 1")
                    group.addTask {
                        let row = RowBatch(["id": 1, "name": "x", "country_code": "AT"])
                        let write: RowWrite
                        switch kind {
                        case "update": write = RowWrite(.update, RowBatch(["id": 1, "name": "x"]), scope: austrian)
                        case "upsert": write = RowWrite(.upsert(uniqueBy: ["id"]), row, scope: austrian)
                        case "delete": write = RowWrite(.delete, RowBatch(["id": 1]), scope: austrian)
                        case "all":
                            return try await cities.applyAll(austrian, setting: RowBatch(["name": "x"]), limit: 9)
                        default: return try await cities.applyAll(austrian, setting: nil, limit: nil)
                        }
                        return try await cities.apply(write).failedCount
                    }
                    try await eventually { try await database.lockWaitCount() == 1 }
                }
                return try await group.next()
            }
            #expect(count == 1, "the row fails; of all Austrian cities one is left")
            #expect(try await database.text("SELECT name || country_code FROM cities WHERE id = 1") == "GrazDE")
        }
    }

    @Test func `A missing reference is an error of its field`() async throws {
        try await TestDatabase.with(schema: Self.schema) { database in
            let cities = PostgreSQLRepository(City.all, in: database.client)
            for write in [
                RowWrite(.create, RowBatch(["name": "x", "country_code": "QQ"])),
                RowWrite(.update, RowBatch(["id": 1, "country_code": "QQ"])),
                RowWrite(.upsert(uniqueBy: ["id"]), RowBatch(["id": 1, "name": "x", "country_code": "QQ"])),
            ] {
                let result = try await cities.apply(write)
                let error = RowError(
                    .reference, field: "country_code", #"Invalid pk "QQ" - object does not exist."#)
                #expect(result.failures.map(\.error) == [error])
            }
        }
    }
}
#endif
