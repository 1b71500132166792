import CacheMiddleware
import GRDB
import Logging

/// The SQLite database: many readers beside one writer (WAL), and the stamp of the last write.
///
/// Several instances may share the file. Each waits for a moment when another one writes.
struct CitiesDatabase: Sendable {
    private let pool: DatabasePool
    private let updatedAt: VersionStamp
    private let runtime: CacheRuntime

    /// Opens the database at `path`; it is made and filled when there is none.
    ///
    /// - Parameters:
    ///   - path: The path of the SQLite file.
    ///   - updatedAt: Is touched by every write.
    ///   - runtime: Where the stamp is touched once more when that failed.
    /// - Returns: The database, filled.
    /// - Throws: What SQLite reports, or what is wrong with the files that the database is filled from.
    static func open(
        path: String, updatedAt: VersionStamp, runtime: CacheRuntime = CacheRuntime()
    ) throws -> CitiesDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // A migrator looks once at what is there and then goes on as if it were alone. So of instances that start together
        // one makes the database, and the others wait and find it made.
        let pool = try FileLock.withLock("\(path)-lock") {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try DatabaseMigrator.cities.migrate(pool)
            return pool
        }
        return CitiesDatabase(pool: pool, updatedAt: updatedAt, runtime: runtime)
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
    ///
    /// The stamp is in the cache's store. When that is away the data are written all the same, so this does not fail; the
    /// stamp changes as soon as the store is back.
    func write<Value: Sendable>(_ updates: @Sendable (Database) throws -> Value) async throws -> Value {
        let value = try await pool.write(updates)
        do {
            try await updatedAt.touch()
        } catch {
            touchLater(because: error)
        }
        return value
    }

    /// Touches the stamp again and again until the store has taken it.
    ///
    /// A store that was only out of reach still has the old stamp, and answers from before the write under it: an instance
    /// that reaches it earlier than this one gives them until then.
    private func touchLater(because error: any Error) {
        runtime.logger.warning(
            "the cache is not told of a write until its store is back", metadata: ["error": "\(error)"])
        let isStarted = runtime.background.run { [updatedAt, clock = runtime.clock] in
            repeat {
                // The application shuts down.
                guard (try? await clock.sleep(for: Self.retryPause)) != nil else { return }
            } while (try? await updatedAt.touch()) == nil
        }
        if !isStarted {
            runtime.logger.error("the cache is not told of a write; its answers may be old until their time ends")
        }
    }

    /// How long to wait before the stamp is touched once more. A store that is known to be away refuses at no cost.
    private static let retryPause = Duration.milliseconds(100)

    /// The users' identifiers by their tokens.
    func users() async throws -> [String: String] {
        try await read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT token, id FROM users")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["token"], $0["id"]) })
        }
    }
}
