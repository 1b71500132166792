#if GRDB
/// The tables of ``SQLiteIdempotencyStore``.
enum SQLiteIdempotencyTables {
    /// The statements of each version.
    ///
    /// Triggers count the records and bytes of each client, and of all of them under an empty name, so that limits are checked without
    /// reading the records.
    static let versions = [
        """
        CREATE TABLE bulk_idempotency_records (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            client TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL,
            fingerprint TEXT NOT NULL, expires_at INTEGER NOT NULL, lease_ends_at INTEGER,
            status INTEGER, fields TEXT, body BLOB, byte_count INTEGER NOT NULL,
            UNIQUE (client, method, target, key)
        );
        CREATE INDEX bulk_idempotency_records_expiry ON bulk_idempotency_records (expires_at);
        CREATE INDEX bulk_idempotency_records_client ON bulk_idempotency_records (client, number);
        CREATE TABLE bulk_idempotency_usage (
            client TEXT PRIMARY KEY, record_count INTEGER NOT NULL, byte_count INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO bulk_idempotency_usage VALUES ('', 0, 0);
        CREATE TRIGGER bulk_idempotency_inserted AFTER INSERT ON bulk_idempotency_records BEGIN
            INSERT OR IGNORE INTO bulk_idempotency_usage VALUES (new.client, 0, 0);
            UPDATE bulk_idempotency_usage
                SET record_count = record_count + 1, byte_count = byte_count + new.byte_count
                WHERE client IN ('', new.client);
        END;
        CREATE TRIGGER bulk_idempotency_updated AFTER UPDATE OF byte_count ON bulk_idempotency_records BEGIN
            UPDATE bulk_idempotency_usage SET byte_count = byte_count + new.byte_count - old.byte_count
                WHERE client IN ('', new.client);
        END;
        CREATE TRIGGER bulk_idempotency_deleted AFTER DELETE ON bulk_idempotency_records BEGIN
            UPDATE bulk_idempotency_usage
                SET record_count = record_count - 1, byte_count = byte_count - old.byte_count
                WHERE client IN ('', old.client);
            DELETE FROM bulk_idempotency_usage WHERE client = old.client AND client <> '' AND record_count = 0;
        END;
        """
    ]
}
#endif
