#if GRDB
import GRDB

/// The tables of the queue.
///
/// | table | a row is |
/// |---|---|
/// | `bulk_operations` | an operation |
/// | `bulk_chunks` | a chunk: items as they were sent |
/// | `bulk_parts` | a part of a chunk, with its lease. At first each chunk is one part |
/// | `bulk_outcomes` | what happened with the items of a part |
/// | `bulk_users` | a user, the number of parts that were leased for the user, and the bytes of the user's chunks |
/// | `bulk_queue` | the number of leases; one row |
enum QueueSchema {
    /// Removes operations and all that belongs to them.
    ///
    /// - Parameters:
    ///   - db: The connection.
    ///   - condition: The condition for rows of `bulk_operations`.
    ///   - arguments: The arguments of the condition.
    /// - Returns: The number of removed operations.
    /// - Throws: GRDB's errors.
    @discardableResult
    static func remove(_ db: Database, where condition: String, arguments: StatementArguments) throws -> Int {
        try db.execute(
            sql: """
                UPDATE bulk_users SET byte_count = byte_count - (SELECT total(byte_count) FROM bulk_operations
                WHERE bulk_operations.user = bulk_users.user AND (\(condition)))
                WHERE user IN (SELECT user FROM bulk_operations WHERE \(condition))
                """, arguments: arguments + arguments)
        let operations = "(SELECT sequence FROM bulk_operations WHERE \(condition))"
        for table in ["bulk_chunks", "bulk_parts", "bulk_outcomes"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE operation IN \(operations)", arguments: arguments)
        }
        try db.execute(sql: "DELETE FROM bulk_operations WHERE \(condition)", arguments: arguments)
        return db.changesCount
    }

    /// The statements of each version.
    static let versions = [
        """
        CREATE TABLE bulk_operations (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL,
            resource TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, request TEXT NOT NULL,
            priority INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, read INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER,
            expires_at INTEGER NOT NULL, idempotency_key TEXT, fingerprint TEXT, byte_count INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX bulk_operations_user ON bulk_operations (user, sequence);
        CREATE INDEX bulk_operations_key ON bulk_operations (user, idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX bulk_operations_expiry ON bulk_operations (expires_at);
        CREATE INDEX bulk_operations_unfinished ON bulk_operations (user) WHERE finished_at IS NULL;
        CREATE TABLE bulk_chunks (
            operation INTEGER NOT NULL, number INTEGER NOT NULL,
            first_index INTEGER NOT NULL, first_line INTEGER NOT NULL, item_count INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (operation, number));
        CREATE TABLE bulk_parts (
            operation INTEGER NOT NULL, number INTEGER NOT NULL,
            chunk INTEGER NOT NULL, offset INTEGER NOT NULL, item_count INTEGER NOT NULL, first_index INTEGER NOT NULL,
            state TEXT NOT NULL, run_at INTEGER NOT NULL DEFAULT 0, lease_until INTEGER,
            token INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, expiries INTEGER NOT NULL DEFAULT 0,
            worker TEXT, PRIMARY KEY (operation, number));
        CREATE INDEX bulk_parts_order ON bulk_parts (operation, first_index);
        CREATE INDEX bulk_parts_state ON bulk_parts (operation, state, first_index);
        CREATE INDEX bulk_parts_leased ON bulk_parts (lease_until) WHERE lease_until IS NOT NULL;
        CREATE TABLE bulk_outcomes (
            operation INTEGER NOT NULL, part INTEGER NOT NULL,
            failure_count INTEGER NOT NULL, outcome BLOB NOT NULL, PRIMARY KEY (operation, part));
        CREATE TABLE bulk_users (
            user TEXT PRIMARY KEY, served INTEGER NOT NULL DEFAULT 0, byte_count INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE bulk_queue (lease_count INTEGER NOT NULL);
        INSERT INTO bulk_queue VALUES (0);
        """,
        "ALTER TABLE bulk_parts ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0",
    ]
}
#endif
