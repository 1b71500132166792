#if PostgreSQL
public import BulkOperations
import HTTPSemantics
import NIOCore
import PostgreSQLTransport

extension PostgreSQLBulkQueue {
    /// Adds an operation whose items are arriving.
    ///
    /// - Throws: `QueueRefusal`, and `PostgreSQLError`.
    public func open(_ operation: BulkOperation, idempotencyKey: String?) async throws {
        let request = try operation.request.stored()
        let user = operation.request.userID ?? ""
        try await client.withTransaction { connection in
            try await lock(user, connection)
            // An upload has its key until a while after its last chunk, which is the fourth parameter before its expiry.
            let found = try await connection.execute(
                """
                SELECT count(*), count(*) FILTER (WHERE state = 'uploading' AND idempotency_key = $3
                AND expires_at > \(QueueTime.sql) + greatest($4::bigint, 0)),
                EXISTS (SELECT 1 FROM bulk_operations WHERE user_id = $2 AND idempotency_key = $3
                AND state <> 'uploading' AND expires_at > \(QueueTime.sql))
                FROM bulk_operations WHERE user_id = $2 AND finished_at IS NULL AND expires_at > \(QueueTime.sql)
                """,
                [
                    time.parameter, .text(user), .text(optional: idempotencyKey),
                    .integer((settings.uploadTimeout - QueueRules.uploadPause).nanoseconds),
                ])
            if found.integer(0, 1) ?? 0 > 0 { throw QueueRefusal.uploading }
            // A repetition is the earlier operation.
            if found.boolean(0, 2) != true, found.integer(0, 0) ?? 0 >= settings.maximumOperationCount {
                throw QueueRefusal.tooManyOperations(maximum: settings.maximumOperationCount)
            }
            _ = try await connection.execute(
                """
                INSERT INTO bulk_operations
                (id, user_id, resource, state, request, created_at, expires_at, idempotency_key)
                VALUES ($2, $3, $4, 'uploading', $5, $6, \(QueueTime.sql) + $7, $8)
                """,
                [
                    time.parameter, .text(operation.id.description), .text(user), .text(operation.request.resource),
                    .text(request), .integer(operation.createdAt.nanoseconds),
                    .integer(settings.uploadTimeout.nanoseconds), .text(optional: idempotencyKey),
                ])
        }
    }

    /// Makes other transactions wait that begin or end an upload of the same user, until this one ends.
    private func lock(_ user: String, _ connection: PostgreSQLConnection) async throws {
        _ = try await connection.execute(
            "SELECT \(Self.limitingIdleTime(3)), pg_advisory_xact_lock($1::int, hashtext($2))",
            [.integer(TableVersions.lockClass), .text(user), idleLimit])
    }

    /// Stores the next items of an operation that is uploading.
    ///
    /// - Throws: `QueueRefusal`, and `PostgreSQLError`.
    public func append(_ chunk: OperationChunk, to id: OperationID) async throws {
        let result = try await client.execute(
            """
            WITH operation AS (
                UPDATE bulk_operations
                SET total = total + $5, byte_count = byte_count + $9, expires_at = \(QueueTime.sql) + $8
                WHERE id = $2 AND state = 'uploading' AND \(Self.byteCount) < $10 RETURNING sequence, user_id
            ), usage AS (
                INSERT INTO bulk_users AS known (user_id, byte_count) SELECT user_id, $9 FROM operation
                ON CONFLICT (user_id) DO UPDATE SET byte_count = known.byte_count + excluded.byte_count
            ), chunk AS (
                INSERT INTO bulk_chunks (operation, number, first_index, first_line, item_count, bytes)
                SELECT sequence, $3, $4, $6, $5, $7 FROM operation
            )
            INSERT INTO bulk_parts (operation, number, chunk, item_offset, item_count, first_index, state)
            SELECT sequence, $3, $3, 0, $5, $4, 'held' FROM operation
            """,
            [
                time.parameter, .text(id.description), .integer(chunk.number), .integer(chunk.firstIndex),
                .integer(chunk.itemCount), .integer(chunk.firstLine), .bytes(chunk.bytes),
                .integer(settings.uploadTimeout.nanoseconds), .integer(chunk.bytes.readableBytes),
                .integer(settings.maximumByteCount),
            ])
        guard result.changedCount == 0 else { return }
        let used = try await client.execute(
            "SELECT \(Self.byteCount) FROM bulk_operations WHERE id = $1", [.text(id.description)])
        guard used.rowCount > 0, used.integer(0, 0) ?? 0 >= settings.maximumByteCount else {
            throw QueueRefusal.uploadEnded
        }
        throw QueueRefusal.tooManyBytes(maximum: settings.maximumByteCount)
    }

    /// The number of bytes of the user of an operation.
    private static let byteCount = """
        coalesce((SELECT byte_count FROM bulk_users WHERE bulk_users.user_id = bulk_operations.user_id), 0)
        """

    /// Ends the upload of an operation.
    ///
    /// - Throws: `QueueRefusal`, and `PostgreSQLError`.
    public func submit(
        _ request: OperationRequest, as id: OperationID, fingerprint: String?
    ) async throws -> BulkOperation {
        let stored = try request.stored()
        let user = request.userID ?? ""
        var partCount = 0
        let operation = try await client.withTransaction { connection -> BulkOperation? in
            try await lock(user, connection)
            guard
                let new = try await StoredOperation.fetch(
                    connection, where: "id = $1 FOR UPDATE", [.text(id.description)]
                ).first, new.operation.state == .uploading
            else { throw QueueRefusal.uploadEnded }
            let earlier = try await StoredOperation.fetch(
                connection,
                where: """
                    user_id = $2 AND idempotency_key = (SELECT idempotency_key FROM bulk_operations WHERE id = $3)
                    AND state <> 'uploading' AND expires_at > \(QueueTime.sql)
                    """, [time.parameter, .text(user), .text(id.description)]
            ).first
            if let earlier {
                let found = try await connection.execute(
                    "SELECT fingerprint FROM bulk_operations WHERE sequence = $1", [.integer(earlier.sequence)])
                _ = try await connection.execute(Self.removingUpload, [.text(id.description)])
                return found.text(0, 0) == fingerprint ? earlier.operation : nil
            }
            partCount = try await start(new, request, stored, fingerprint, connection)
            // An operation without chunks has ended.
            try await LeaseTransaction(connection, settings, time).settle(new.sequence)
            return try await StoredOperation.fetch(connection, where: "id = $1", [.text(id.description)]).first?
                .operation
        }
        guard let operation else { throw QueueRefusal.mismatch }
        if partCount >= Self.analyzedPartCount {
            _ = try? await client.execute("ANALYZE (SKIP_LOCKED) bulk_operations, bulk_parts")
        }
        await announce()
        return operation
    }

    /// The number of parts of an operation from which on the statistics of the tables are updated at once. Otherwise connections that have
    /// planned their statements for small tables would read all parts to lease one, until PostgreSQL updates them by itself after a minute.
    private static let analyzedPartCount = 100

    /// Makes the parts of an operation ready.
    ///
    /// - Returns: The number of parts that are ready.
    private func start(
        _ new: StoredOperation, _ request: OperationRequest, _ stored: String, _ fingerprint: String?,
        _ connection: PostgreSQLConnection
    ) async throws -> Int {
        _ = try await connection.execute(
            """
            UPDATE bulk_operations SET state = 'queued', request = $2, priority = $3, fingerprint = $4,
            expires_at = $5 WHERE sequence = $1
            """,
            [
                .integer(new.sequence), .text(stored),
                .integer(QueueRules.priority(itemCount: new.operation.counts.total)), .text(optional: fingerprint),
                .integer(Int64.max),
            ])
        // In one transaction, the lease of the first part is for all.
        let ready = try await connection.execute(
            "UPDATE bulk_parts SET state = 'ready' WHERE operation = $1"
                + (request.isOneTransaction ? " AND number = 0" : ""), [.integer(new.sequence)])
        // A user who was away does not get everything at first.
        _ = try await connection.execute(
            """
            INSERT INTO bulk_users AS known (user_id, served) VALUES ($1, coalesce((SELECT min(served) FROM bulk_users
            WHERE user_id <> $1 AND user_id IN (SELECT user_id FROM bulk_operations
            WHERE finished_at IS NULL AND state <> 'uploading')), 0))
            ON CONFLICT (user_id) DO UPDATE SET served = greatest(known.served, excluded.served)
            """, [.text(request.userID ?? "")])
        return ready.changedCount
    }

    /// Removes an operation that is uploading.
    ///
    /// - Throws: `PostgreSQLError`.
    public func discard(_ id: OperationID) async throws {
        try await client.withTransaction { connection in
            // Waits until a chunk is stored that is arriving. The next statement then sees it.
            let found = try await connection.execute(
                """
                SELECT \(Self.limitingIdleTime(2)) FROM bulk_operations WHERE id = $1 AND state = 'uploading' FOR UPDATE
                """, [.text(id.description), idleLimit])
            guard found.rowCount > 0 else { return }
            _ = try await connection.execute(Self.removingUpload, [.text(id.description)])
        }
    }

    private static let removingUpload = removing(where: "id = $1 AND state = 'uploading'")

    /// Returns the statement that removes an operation and all that belongs to it.
    ///
    /// The transaction has locked the operation in an earlier statement. Otherwise a chunk that was stored between the beginning of this
    /// statement and its lock would stay.
    static func removing(where condition: String) -> String {
        let parts = ["bulk_chunks", "bulk_parts", "bulk_outcomes"].map { table in
            ", \(table)_removed AS (DELETE FROM \(table) USING removed WHERE operation = removed.sequence)"
        }
        return """
            WITH removed AS (
                SELECT sequence, user_id, byte_count FROM bulk_operations WHERE \(condition)
            )\(parts.joined()), usage AS (
                UPDATE bulk_users SET byte_count = bulk_users.byte_count - removed.byte_count
                FROM removed WHERE bulk_users.user_id = removed.user_id
            )
            DELETE FROM bulk_operations USING removed WHERE bulk_operations.sequence = removed.sequence
            """
    }
}
#endif
