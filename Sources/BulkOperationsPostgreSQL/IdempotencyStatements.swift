#if PostgreSQL
import BulkOperations
import HTTPPipeline
import NIOCore
import PostgreSQLTransport

/// The statements of a ``PostgreSQLIdempotencyStore``, each of which is a transaction of its own unless it runs in another one.
struct IdempotencyStatements {
    /// Executes a statement.
    typealias Execute = (String, [PostgreSQLValue]) async throws -> PostgreSQLResult

    let limits: IdempotencyLimits
    let time: QueueTime
    let execute: Execute

    /// Adds a record, or starts it again if it has expired or its run has ended without a response.
    ///
    /// - Returns: The number of the run, or nil if there is another record.
    func start(
        _ id: IdempotencyRecordID, _ fingerprint: RequestFingerprint, _ lifetimes: IdempotencyLifetimes
    ) async throws -> Int64? {
        let result = try await execute(
            """
            INSERT INTO bulk_idempotency_records AS known
            (id, client, fingerprint, expires_at, lease_ends_at, byte_count)
            VALUES (sha256($2), sha256($3), $4, \(QueueTime.sql) + $5, \(QueueTime.sql) + $6, $7)
            ON CONFLICT (id) DO UPDATE SET number = excluded.number, fingerprint = excluded.fingerprint,
            expires_at = excluded.expires_at, lease_ends_at = excluded.lease_ends_at,
            status = NULL, fields = NULL, body = NULL, byte_count = excluded.byte_count
            WHERE known.expires_at <= \(QueueTime.sql) OR known.status IS NULL
            AND known.lease_ends_at <= \(QueueTime.sql) AND known.fingerprint = excluded.fingerprint
            RETURNING number
            """,
            [
                time.parameter, .bytes(id.bytes), .bytes(id.clientBytes), .text(fingerprint.description),
                .integer(lifetimes.record.nanoseconds), .integer(lifetimes.lease.nanoseconds),
                .integer(id.byteCount + IdempotencyLimits.overhead),
            ])
        return result.rowCount > 0 ? result.integer(0, 0) : nil
    }

    /// Returns what is known about a request, or nil if it can be started.
    func outcome(
        of id: IdempotencyRecordID, _ fingerprint: RequestFingerprint
    ) async throws -> IdempotencyOutcome? {
        let result = try await execute(
            """
            SELECT fingerprint, status, fields, body FROM bulk_idempotency_records
            WHERE id = sha256($2) AND expires_at > \(QueueTime.sql)
            """, [time.parameter, .bytes(id.bytes)])
        guard result.rowCount > 0 else { return nil }
        guard result.text(0, 0) == fingerprint.description else { return .mismatch }
        guard let status = result.integer(0, 1) else { return .running }
        return .finished(
            StoredReply(
                status: Int(status), fieldLines: result.text(0, 2) ?? "", body: result.bytes(0, 3) ?? ByteBuffer()))
    }

    /// Adds the response to a record that is not finished.
    func finish(_ token: IdempotencyToken, _ reply: StoredReply) async throws -> Bool {
        guard try await store(reply, token) else { return false }
        return try await keep(reply, token)
    }

    /// Adds the response to a record, whatever its size.
    ///
    /// - Returns: Whether the record is that of the run and is not finished.
    func store(_ reply: StoredReply, _ token: IdempotencyToken) async throws -> Bool {
        let result = try await execute(
            """
            UPDATE bulk_idempotency_records
            SET lease_ends_at = NULL, status = $2, fields = $3, body = $4, byte_count = byte_count + $5
            WHERE number = $1 AND status IS NULL
            """,
            [
                .integer(token.number), .integer(reply.status), .text(reply.fieldLines), .bytes(reply.body),
                .integer(reply.byteCount),
            ])
        return result.changedCount > 0
    }

    /// Removes older records if a finished one needs room, or the record itself if there is nothing else to remove.
    ///
    /// - Returns: Whether the record stays.
    func keep(_ reply: StoredReply, _ token: IdempotencyToken) async throws -> Bool {
        if reply.byteCount <= limits.share.byteCount / Self.checkedShare, !isChecked(token.number) { return true }
        if try await makeRoom(for: token) { return true }
        try await remove(token.number)
        return false
    }

    /// Removes a record.
    func remove(_ number: Int64, onlyStarted: Bool = false) async throws {
        _ = try await execute(
            "DELETE FROM bulk_idempotency_records WHERE number = $1" + (onlyStarted ? " AND status IS NULL" : ""),
            [.integer(number)])
    }

    // MARK: Room

    /// The part of a limit that may be used between two checks of it.
    private static let checkedShare = 100

    /// Whether the limits are checked for a record: for one in so many that a hundredth of the limit passes between two checks, at most 64.
    ///
    /// PostgreSQL counts the records of a client for it. Counters in rows would make all requests wait for each other.
    func isChecked(_ number: Int64) -> Bool {
        number % Int64(min(max(limits.share.recordCount / Self.checkedShare, 1), 64)) == 0
    }

    /// Removes expired records, now and then: more than are added, so that they do not accumulate.
    func removeExpired(after number: Int64) async throws {
        guard number % 8 == 0 || isChecked(number) else { return }
        _ = try await execute(
            """
            DELETE FROM bulk_idempotency_records WHERE number IN (
                SELECT number FROM bulk_idempotency_records WHERE expires_at <= \(QueueTime.sql)
                ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)
            """, [time.parameter])
    }

    /// Removes the oldest records that are not running, until all records, among them a new one, are within the limits.
    ///
    /// - Returns: False if there is nothing left to remove.
    func makeRoom(for token: IdempotencyToken) async throws -> Bool {
        let client = token.id.clientBytes
        guard try await makeRoom(limits.share.recordCount, limits.share.byteCount, of: client, token.number) else {
            return false
        }
        // All records are counted less often: it takes longer.
        let isLarge = limits.recordCount >= 100_000
        if isLarge, token.number % 1024 != 0 { return true }
        return try await makeRoom(limits.recordCount, limits.byteCount, of: nil, token.number)
    }

    private func makeRoom(
        _ recordCount: Int, _ byteCount: Int, of client: ByteBuffer?, _ number: Int64
    ) async throws -> Bool {
        let condition = client == nil ? "true" : "client = sha256($1)"
        let usage = """
            SELECT count(*) AS records, coalesce(sum(byte_count), 0)::bigint AS bytes FROM bulk_idempotency_records
            WHERE \(condition)
            """
        let key: [PostgreSQLValue] = client.map { [.bytes($0)] } ?? []
        let used = try await execute(usage, key)
        if used.integer(0, 0) ?? 0 <= recordCount, used.integer(0, 1) ?? 0 <= byteCount { return true }
        let first = key.count
        // The time is the first parameter of its text.
        let now = QueueTime.sql.replacing("$1", with: "$\(first + 4)")
        // Records that another transaction has locked are being removed by it. Waiting for it could be a deadlock.
        let result = try await execute(
            """
            WITH usage AS (\(usage)), old AS (
                SELECT number, byte_count, row_number() OVER (ORDER BY number) AS position,
                sum(byte_count) OVER (ORDER BY number) - byte_count AS earlier
                FROM bulk_idempotency_records
                WHERE \(condition) AND number <> $\(first + 1) AND (lease_ends_at IS NULL OR lease_ends_at <= \(now))
            ), chosen AS MATERIALIZED (
                SELECT number, byte_count FROM usage, old
                WHERE position <= records - $\(first + 2)::bigint OR earlier < bytes - $\(first + 3)::bigint
            ), removed AS (
                DELETE FROM bulk_idempotency_records WHERE number IN (
                    SELECT number FROM bulk_idempotency_records WHERE number IN (SELECT number FROM chosen)
                    FOR UPDATE SKIP LOCKED)
            )
            SELECT records - (SELECT count(*) FROM chosen) <= $\(first + 2)::bigint
            AND bytes - (SELECT coalesce(sum(byte_count), 0) FROM chosen) <= $\(first + 3)::bigint FROM usage
            """, key + [.integer(number), .integer(recordCount), .integer(byteCount), time.parameter])
        return result.boolean(0, 0) == true
    }
}

extension IdempotencyRecordID {
    /// The parts with their lengths. Different records have different bytes.
    fileprivate var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        for part in [client, method, target, key] {
            bytes.writeInteger(UInt32(part.utf8.count))
            bytes.writeString(part)
        }
        return bytes
    }

    fileprivate var clientBytes: ByteBuffer { ByteBuffer(string: client) }
}
#endif
