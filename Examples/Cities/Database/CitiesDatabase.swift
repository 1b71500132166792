import CacheMiddleware
import GRDB

/// The SQLite database: many readers beside one writer (WAL), and the stamp of the last write.
struct CitiesDatabase: Sendable {
    private let pool: DatabasePool
    private let updatedAt: VersionStamp

    /// Opens the database at `path`; it is made and filled when there is none.
    ///
    /// - Parameters:
    ///   - path: The path of the SQLite file.
    ///   - updatedAt: Is touched by every write.
    /// - Returns: The database, filled.
    /// - Throws: What SQLite reports, or what is wrong with the files that the database is filled from.
    static func open(path: String, updatedAt: VersionStamp) throws -> CitiesDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let pool = try DatabasePool(path: path, configuration: configuration)
        try DatabaseMigrator.cities.migrate(pool)
        return CitiesDatabase(pool: pool, updatedAt: updatedAt)
    }

    /// Reads one state of the data.
    func read<Value: Sendable>(_ value: @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.read(value)
    }

    /// Changes the data in one transaction, and then the stamp; when `updates` throws neither changes.
    ///
    /// The stamp changes after the commit. The other way round a request could make its key with the new stamp, read the old
    /// data and cache it under the key that the new data has from then on. This way an answer can at worst be newer than its
    /// key, which nobody asks for any more a moment later.
    func write<Value: Sendable>(_ updates: @Sendable (Database) throws -> Value) async throws -> Value {
        let value = try await pool.write(updates)
        try await updatedAt.touch()
        return value
    }

    /// The users' identifiers by their tokens.
    func users() async throws -> [String: String] {
        try await read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT token, id FROM users")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["token"], $0["id"]) })
        }
    }
}
