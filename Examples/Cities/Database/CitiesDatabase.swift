import GRDB
import HTTPPipeline

/// The SQLite database: many readers beside one writer (WAL), and the stamp of the last write.
struct CitiesDatabase: Sendable {
    /// When the data changed last.
    let updatedAt: UpdatedAt

    private let pool: DatabasePool
    private let timeSource: any TimeSource

    /// Opens the database at `path`; it is made and filled when there is none.
    ///
    /// - Throws: What SQLite reports, or what is wrong with the files that the database is filled from.
    static func open(path: String, timeSource: any TimeSource = SystemTimeSource()) async throws -> CitiesDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let pool = try DatabasePool(path: path, configuration: configuration)
        try DatabaseMigrator.cities(timeSource: timeSource).migrate(pool)
        let stamp = try await pool.read { db in try Stamp.value(in: db) }
        return CitiesDatabase(updatedAt: UpdatedAt(microseconds: stamp), pool: pool, timeSource: timeSource)
    }

    /// Reads one state of the data.
    func read<Value: Sendable>(_ value: @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.read(value)
    }

    /// Changes the data and its stamp in one transaction; when `updates` throws neither changes.
    ///
    /// The stamp is stored with the data, so that a restart cannot lose one of them, and readers see it after the commit.
    /// The other way round a request could make its key with the new stamp, read the old data and cache it under the key
    /// that the new data has from then on. This way an answer can at worst be newer than its key, which nobody asks for
    /// any more a moment later.
    func write<Value: Sendable>(_ updates: @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.write { db in
            let value = try updates(db)
            let stamp = try Stamp.advance(in: db, timeSource: timeSource)
            // This runs before the next write begins, so stamps become visible in their order.
            db.afterNextTransaction { _ in updatedAt.publish(microseconds: stamp) }
            return value
        }
    }

    /// The users' identifiers by their tokens.
    func users() async throws -> [String: String] {
        try await read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT token, id FROM users")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["token"], $0["id"]) })
        }
    }
}
