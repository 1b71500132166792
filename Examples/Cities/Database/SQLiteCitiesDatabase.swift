import BulkOperations
import BulkOperationsSQLite
import GRDB
import Logging
import Repositories
import RepositoriesSQLite
import Resources
import ServiceLifecycle

/// The SQLite database, with concurrent readers and one writer (WAL).
///
/// Several instances may share the file. Each waits briefly while another one writes.
struct SQLiteCitiesDatabase: CitiesDatabase {
    let pool: DatabasePool
    let writes: WriteTrace

    /// Opens the database at `path`, and creates and fills it if it does not exist.
    ///
    /// - Throws: The errors of SQLite and of the data files.
    static func open(path: String) throws -> SQLiteCitiesDatabase {
        let writes = WriteTrace()
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            writes.observe(db)
            guard !db.configuration.readonly else { return }
            // An import changes pages of the indexes in many of its transactions. With 80 MB instead of 4 in the write-ahead
            // log they are copied to the database less often (0.7 of the time), and with 20 MB instead of 2 in memory they
            // are read less often (0.9 of the processor time).
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -20000")
        }
        // A migrator checks the database once and then assumes exclusive access. With the lock, one of several starting
        // instances creates the database while the others wait.
        let pool = try FileLock.withLock("\(path)-lock") {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try DatabaseMigrator.cities.migrate(pool)
            return pool
        }
        return SQLiteCitiesDatabase(pool: pool, writes: writes)
    }

    var services: [any Service] { [] }

    func repository(_ fields: FieldSet) -> any Repository { SQLiteRepository(fields, in: pool) }

    func queue(_ settings: BulkQueueSettings) throws -> any BulkQueue {
        try SQLiteBulkQueue(in: pool, settings: settings)
    }

    func idempotencyStore() throws -> any IdempotencyStore { try SQLiteIdempotencyStore(in: pool) }

    func watcher(invalidating cities: Resource, logger: Logger) -> any Service {
        CommitWatcher(pool: pool, cities: cities, logger: logger)
    }

    func users() async throws -> Users {
        try await pool.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT token, id, is_editor FROM users")
            return (
                Dictionary(uniqueKeysWithValues: rows.map { ($0["token"], $0["id"]) }),
                Set(rows.filter { $0["is_editor"] }.map { $0["id"] })
            )
        }
    }
}
