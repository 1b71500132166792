import GRDB
import HTTPPipeline
import NIOCore
import Repositories
import RepositoriesSQLite

/// A page of 100 rows as JSON, out of 50,000 rows: the filter and the order use an index.
///
/// The reference reads with a statement that stays prepared, and writes each value into the buffer without `Codable`.
struct ListComparison {
    let folder: BenchmarkFolder
    private static let pages = 200

    private static let sql = """
        SELECT id, name, country_code, population, latitude, longitude, timezone FROM places
        WHERE country_code = ? ORDER BY population DESC, id DESC LIMIT 100
        """

    func run(rounds: Int) async throws -> PairedTimes {
        let pool = try folder.database("list")
        let repository = SQLiteRepository(Places.all, in: pool)
        let rows = Places.batch(Places.places(count: 50_000, set: 0))
        _ = try await repository.apply(RowWrite(.create, rows))
        let body = try await Self.page(in: repository)
        let isEqual = try await Self.pageByHand(in: pool) == body
        precondition(isEqual, "both pages have the same bytes")
        var comparison = PairedTimes("list page of 100 rows", limit: 1.5, operations: Self.pages)
        for round in 0..<rounds {
            let read = { for _ in 0..<Self.pages { _ = try await Self.page(in: repository) } }
            let readByHand = { for _ in 0..<Self.pages { _ = try await Self.pageByHand(in: pool) } }
            if round.isMultiple(of: 2) {
                let measured = try await PairedTimes.Time.of(read)
                comparison.add(measured, against: try await PairedTimes.Time.of(readByHand))
            } else {
                let reference = try await PairedTimes.Time.of(readByHand)
                comparison.add(try await PairedTimes.Time.of(read), against: reference)
            }
        }
        try folder.remove("list", pool)
        return comparison
    }

    private static func page(in repository: SQLiteRepository) async throws -> ByteBuffer {
        let query = RowQuery(Places.country == "DE", order: [Places.population.descending], limit: 100)
        var body = ByteBuffer()
        JSONRowWriter(Places.all).write(try await repository.rows(query), to: &body)
        return body
    }

    private static func pageByHand(in pool: DatabasePool) async throws -> ByteBuffer {
        try await pool.read { db in
            var body = ByteBuffer()
            body.writeStaticString("[")
            let statement = try db.cachedStatement(sql: sql)
            let rows = try Row.fetchCursor(statement, arguments: ["DE"])
            var isFirst = true
            while let row = try rows.next() {
                body.writeStaticString(isFirst ? "{\"id\":" : ",{\"id\":")
                isFirst = false
                body.writeJSON(.integer(row[0]))
                body.writeStaticString(",\"name\":")
                body.writeJSON(row[1] as String)
                body.writeStaticString(",\"country_code\":")
                body.writeJSON(row[2] as String)
                body.writeStaticString(",\"population\":")
                body.writeJSON(.integer(row[3]))
                body.writeStaticString(",\"latitude\":")
                body.writeJSON(.number(row[4]))
                body.writeStaticString(",\"longitude\":")
                body.writeJSON(.number(row[5]))
                body.writeStaticString(",\"timezone\":")
                body.writeJSON(row[6] as String)
                body.writeStaticString("}")
            }
            body.writeStaticString("]")
            return body
        }
    }
}
