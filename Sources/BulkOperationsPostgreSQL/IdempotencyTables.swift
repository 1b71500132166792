#if PostgreSQL
/// The table of ``PostgreSQLIdempotencyStore``.
enum IdempotencyTables {
    /// The statements of each version.
    ///
    /// A record and its client are identified by digests, because an index of PostgreSQL cannot have a long text.
    static let versions = [
        """
        CREATE SEQUENCE bulk_idempotency_numbers;
        CREATE TABLE bulk_idempotency_records (
            number bigint NOT NULL DEFAULT nextval('bulk_idempotency_numbers') PRIMARY KEY,
            id bytea NOT NULL UNIQUE, client bytea NOT NULL, fingerprint text COLLATE "C" NOT NULL,
            expires_at bigint NOT NULL, lease_ends_at bigint,
            status bigint, fields text, body bytea, byte_count bigint NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.02);
        ALTER SEQUENCE bulk_idempotency_numbers OWNED BY bulk_idempotency_records.number;
        CREATE INDEX bulk_idempotency_records_expiry ON bulk_idempotency_records (expires_at);
        CREATE INDEX bulk_idempotency_records_client ON bulk_idempotency_records (client, number) INCLUDE (byte_count);
        """
    ]
}
#endif
