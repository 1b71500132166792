import CacheMiddleware
import GRDB

/// The SQLite database, with concurrent readers and one writer (WAL), and the stamp of the last write.
///
/// Several instances may share the file. Each waits briefly while another one writes.
struct CitiesDatabase: Sendable {
    private let pool: DatabasePool
    private let updatedAt: VersionStamp
    private let invalidations: InvalidationService

    /// Opens the database at `path`, and creates and fills it if it does not exist.
    ///
    /// - Parameters:
    ///   - path: The path of the SQLite file.
    ///   - updatedAt: The stamp that every write touches.
    ///   - invalidations: Touches the stamp, if necessary when the store has recovered.
    /// - Returns: The database, filled.
    /// - Throws: The errors of SQLite and of the data files.
    static func open(
        path: String, updatedAt: VersionStamp, invalidations: InvalidationService
    ) throws -> CitiesDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // A migrator checks the database once and then assumes exclusive access. With the lock, one of several starting
        // instances creates the database while the others wait.
        let pool = try FileLock.withLock("\(path)-lock") {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try DatabaseMigrator.cities.migrate(pool)
            return pool
        }
        return CitiesDatabase(pool: pool, updatedAt: updatedAt, invalidations: invalidations)
    }

    /// Reads a consistent state of the data.
    func read<Value: Sendable>(_ value: @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.read(value)
    }

    /// Changes the data in one transaction and then touches the stamp. When `updates` throws, neither changes.
    ///
    /// The stamp changes after the commit. Otherwise a request could compose its key with the new stamp, read the old
    /// data and cache it under the key of the new data. In this order a response can at worst be newer than its
    /// key, which no request uses after the touch.
    ///
    /// The stamp is in the cache's store. While the store is unreachable, writes succeed, and the stamp is touched when
    /// the store has recovered.
    func write<Value: Sendable>(_ updates: @Sendable (Database) throws -> Value) async throws -> Value {
        let value = try await pool.write(updates)
        await invalidations.invalidate(touching: [updatedAt])
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
