#if GRDB
import Foundation
import GRDB
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Synchronization
import Testing

/// What SQLite adds to the behavior of every repository: rules of the table, observers and other kinds of keys.
@Suite struct SQLiteRuleTests {
    private enum Country {
        static let code = Field.text("code", 2...2).key(writtenByClients: true)
        static let name = Field.text("name").unique()
        static let all = FieldSet("countries", code, name)
    }

    private enum City {
        static let id = Field.integer("id").key()
        static let name = Field.text("name").column("city_name")
        static let country = Field.text("country").references("countries")
        static let size = Field.integer("size").optional()
        static let createdBy = Field.text("created_by").readOnly()
        static let all = FieldSet("cities", id, name, country, size, createdBy)
    }

    private static let schema = """
        CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) WITHOUT ROWID;
        CREATE TABLE cities (
            id INTEGER PRIMARY KEY AUTOINCREMENT, city_name TEXT NOT NULL,
            country TEXT NOT NULL REFERENCES countries (code), size INTEGER CHECK (size <> 13),
            created_by TEXT NOT NULL DEFAULT 'database'
        );
        """

    private func database(_ folder: TemporaryFolder) async throws -> DatabasePool {
        let database = try folder.database()
        try await database.write { db in
            try db.execute(sql: Self.schema)
            try db.execute(sql: "INSERT INTO countries VALUES ('AD', 'Andorra'), ('CH', 'Schweiz')")
        }
        return database
    }

    @Test func `A text that is not UTF-8 is repaired`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try await database(folder)
        try await database.write { try $0.execute(sql: "INSERT INTO countries VALUES ('FR', CAST(x'46FF' AS TEXT))") }
        let rows = try await SQLiteRepository(Country.all, in: database).rows(RowQuery(Country.code == "FR"))
        #expect(rows.value(row: 0, field: "name") == .text("F\u{FFFD}"))
    }

    @Test func `Broken rules of the table are failures of rows`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let cities = SQLiteRepository(City.all, in: try await database(folder))
        let rows = RowBatch(
            columns: ["name", "country", "size"],
            rows: [["a", "AD", .null], ["b", "XX", 1], ["c", "CH", 13], ["d", "CH", 12]])
        let result = try await cities.apply(RowWrite(.create, rows, isAtomic: false))
        #expect(result.outcomes.map(\.error?.code) == [nil, .reference, .invalid, nil])
        let batch = try await cities.rows(RowQuery())
        #expect((0..<batch.rowCount).map { batch.value(row: $0, field: "created_by") } == ["database", "database"])
        #expect(batch.value(row: 1, field: "name") == "d")
        let countries = SQLiteRepository(Country.all, in: try await database(folder))
        _ = countries
        let error = await #expect(throws: RepositoryError.self) {
            try await cities.applyAll(.all, setting: RowBatch(["size": 13]), limit: nil)
        }
        #expect(error == .row(RowError(.invalid, "The row breaks a rule of the database.")))
    }

    @Test func `A broken deferred rule refuses the write`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try await database(folder)
        try await database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE streets (
                        id INTEGER PRIMARY KEY, city INTEGER REFERENCES cities (id) DEFERRABLE INITIALLY DEFERRED
                    )
                    """)
        }
        let streets = SQLiteRepository(
            FieldSet("streets", City.id, Field.integer("city").optional()), in: database)
        let error = await #expect(throws: RepositoryError.self) {
            try await streets.apply(RowWrite(.create, RowBatch(["city": 9]), isAtomic: false))
        }
        guard case .row(let row) = error else { return }
        #expect(row.code == .reference)
        #expect(try await streets.count(.all) == 0)
    }

    @Test func `Text keys are written by clients`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let countries = SQLiteRepository(Country.all, in: try await database(folder))
        let rows = RowBatch(
            columns: ["code", "name"], rows: [["LI", "Liechtenstein"], ["CH", "Swiss"], ["XX", "Andorra"]])
        let result = try await countries.apply(RowWrite(.create, rows, isAtomic: false))
        #expect(result.outcomes[0] == .created("LI"))
        #expect(result.outcomes[1] == .failed(.duplicate(["code"])))
        #expect(result.outcomes[2] == .failed(.duplicate(["name"])))
        let missing = try await countries.apply(RowWrite(.create, RowBatch(["name": "x"])))
        #expect(missing.failures.first?.error.field == "code")
        let upsert = RowWrite(
            .upsert(uniqueBy: ["code"]),
            RowBatch(columns: ["code", "name"], rows: [["CH", "Suisse"], ["LI", "Liechtenstein"]]))
        #expect(try await countries.apply(upsert).outcomes == [.updated("CH"), .unchanged("LI")])
        let referenced = try await countries.apply(RowWrite(.delete, RowBatch(["code": "LI"])))
        #expect(referenced.outcomes == [.deleted("LI")])
    }

    @Test func `Observers are notified after the commit`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try await database(folder)
        let cities = SQLiteRepository(City.all, in: database)
        let changes = Mutex(0)
        let observation = DatabaseRegionObservation(tracking: Table("cities")).start(
            in: database, onError: { _ in }, onChange: { _ in changes.withLock { $0 += 1 } })
        defer { observation.cancel() }
        _ = try await cities.apply(RowWrite(.create, RowBatch(["name": "a", "country": "AD"])))
        #expect(changes.withLock { $0 } == 1)
        _ = try await cities.apply(RowWrite(.create, RowBatch(["name": "a", "country": "XX"])))
        _ = try await cities.applyAll(.none, setting: nil, limit: nil)
        #expect(changes.withLock { $0 } == 1, "a write without changes notifies no observer")
        _ = try await cities.applyAll(.all, setting: RowBatch(["size": 1]), limit: nil)
        #expect(changes.withLock { $0 } == 2)
        _ = try await cities.applyAll(.all, setting: nil, limit: nil)
        #expect(changes.withLock { $0 } == 3)
    }

    @Test func `Many different statements are not all kept`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let cities = SQLiteRepository(City.all, in: try await database(folder))
        _ = try await cities.apply(RowWrite(.create, RowBatch(["name": "a", "country": "AD"])))
        for count in 1...600 {
            #expect(try await cities.count(City.id.in((1...count).map { Int64($0) })) == 1)
        }
    }

    @Test func `Missing tables and columns are errors`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try await database(folder)
        let other = SQLiteRepository(FieldSet("towns", City.id), in: database)
        await #expect(throws: DatabaseError.self) { try await other.rows(RowQuery()) }
        let wrong = SQLiteRepository(FieldSet("cities", City.id, Field.text("town")), in: database)
        await #expect(throws: DatabaseError.self) { try await wrong.rows(RowQuery()) }
        await #expect(throws: DatabaseError.self) { try await wrong.count(.comparison("town", .equal, "town")) }
        await #expect(throws: DatabaseError.self) {
            try await wrong.apply(RowWrite(.create, RowBatch(["town": "a"]), isAtomic: false))
        }
    }

    @Test func `A queue in memory works as well`() async throws {
        try await RepositorySuite { fields in
            let database = try DatabaseQueue()
            try await database.write { db in
                for statement in RepositorySuite.schema { try db.execute(sql: statement) }
            }
            return SQLiteRepository(fields, in: database)
        }.run()
    }
}
#endif
