#if PostgreSQL
/// The tables of the queue. They are those of the queue on SQLite.
///
/// | table | a row is |
/// |---|---|
/// | `bulk_operations` | an operation |
/// | `bulk_chunks` | a chunk: items as they were sent |
/// | `bulk_parts` | a part of a chunk, with its lease. At first each chunk is one part |
/// | `bulk_outcomes` | what happened with the items of a part |
/// | `bulk_users` | a user, the number of parts that were leased for the user, and the bytes of the user's chunks |
///
/// The sequence `bulk_leases` counts leases. Unlike a row, it is not locked until a transaction ends.
///
/// Parts that have not ended are read in the order of `first_index + 0`. PostgreSQL then has one index that fits, whatever it knows about the
/// states of the parts of an operation, which are ready at first and have ended soon after.
enum QueueTables {
    /// The statements of each version.
    static let versions = [
        """
        CREATE TABLE bulk_operations (
            sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE,
            user_id text COLLATE "C" NOT NULL, resource text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL,
            reason text, request text NOT NULL, priority bigint NOT NULL DEFAULT 0, revision bigint NOT NULL DEFAULT 0,
            total bigint NOT NULL DEFAULT 0, created bigint NOT NULL DEFAULT 0, updated bigint NOT NULL DEFAULT 0,
            unchanged bigint NOT NULL DEFAULT 0, deleted bigint NOT NULL DEFAULT 0, read bigint NOT NULL DEFAULT 0,
            failed bigint NOT NULL DEFAULT 0, created_at bigint NOT NULL, started_at bigint, finished_at bigint,
            expires_at bigint NOT NULL, idempotency_key text COLLATE "C", fingerprint text COLLATE "C",
            byte_count bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
        CREATE INDEX bulk_operations_user ON bulk_operations (user_id, sequence);
        CREATE INDEX bulk_operations_key ON bulk_operations (user_id, idempotency_key)
            WHERE idempotency_key IS NOT NULL;
        CREATE INDEX bulk_operations_expiry ON bulk_operations (expires_at);
        CREATE INDEX bulk_operations_unfinished ON bulk_operations (user_id) WHERE finished_at IS NULL;
        CREATE TABLE bulk_chunks (
            operation bigint NOT NULL, number bigint NOT NULL, first_index bigint NOT NULL, first_line bigint NOT NULL,
            item_count bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (operation, number));
        CREATE TABLE bulk_parts (
            operation bigint NOT NULL, number bigint NOT NULL, chunk bigint NOT NULL, item_offset bigint NOT NULL,
            item_count bigint NOT NULL, first_index bigint NOT NULL, state text COLLATE "C" NOT NULL,
            run_at bigint NOT NULL DEFAULT 0, lease_until bigint, token bigint NOT NULL DEFAULT 0,
            attempts bigint NOT NULL DEFAULT 0, expiries bigint NOT NULL DEFAULT 0, worker text,
            PRIMARY KEY (operation, number)
        ) WITH (autovacuum_vacuum_scale_factor = 0.02);
        CREATE INDEX bulk_parts_order ON bulk_parts (operation, first_index);
        CREATE INDEX bulk_parts_unfinished ON bulk_parts (operation, (first_index + 0))
            WHERE state IN ('ready', 'held', 'leased', 'recorded');
        CREATE INDEX bulk_parts_waiting ON bulk_parts (operation) WHERE state = 'ready' AND run_at > 0;
        CREATE INDEX bulk_parts_leased ON bulk_parts (lease_until) WHERE lease_until IS NOT NULL;
        CREATE TABLE bulk_outcomes (
            operation bigint NOT NULL, part bigint NOT NULL, failure_count bigint NOT NULL, outcome bytea NOT NULL,
            PRIMARY KEY (operation, part));
        CREATE INDEX bulk_outcomes_failed ON bulk_outcomes (operation, part) WHERE failure_count > 0;
        CREATE TABLE bulk_users (
            user_id text COLLATE "C" PRIMARY KEY, served bigint NOT NULL DEFAULT 0, byte_count bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
        CREATE SEQUENCE bulk_leases;
        """,
        "ALTER TABLE bulk_parts ADD COLUMN interruptions bigint NOT NULL DEFAULT 0",
    ]
}
#endif
