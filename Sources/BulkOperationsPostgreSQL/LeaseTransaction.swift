#if PostgreSQL
import BulkOperations
import PostgreSQLTransport

/// Changes of leases in a transaction.
///
/// All transactions of the queue lock in one order, so they do not deadlock: a part that is leased, then its operation, of several operations
/// the one with the smaller key first. Whoever has locked an operation does not wait for parts.
struct LeaseTransaction {
    private let connection: PostgreSQLConnection
    private let settings: BulkQueueSettings
    private let time: QueueTime

    init(_ connection: PostgreSQLConnection, _ settings: BulkQueueSettings, _ time: QueueTime) {
        (self.connection, self.settings, self.time) = (connection, settings, time)
    }

    /// A part whose lease ends.
    struct Part {
        /// The columns from which a part is read.
        static let columns = "operation, number, attempts, expiries, interruptions, item_count"

        let sequence: Int64
        let number: Int64
        let ending: EndedLease.Part

        /// Reads the parts in a result with the columns.
        static func read(_ result: PostgreSQLResult) -> [Part] {
            (0..<result.rowCount).map { row in
                func integer(_ column: Int) -> Int { Int(result.integer(row, column) ?? 0) }
                return Part(
                    sequence: Int64(integer(0)), number: Int64(integer(1)),
                    ending: EndedLease.Part(
                        attempts: integer(2), expiries: integer(3), interruptions: integer(4), itemCount: integer(5)))
            }
        }
    }

    /// Ends the leases whose time is over, except for those whose part another transaction has locked. Those whose outcome was recorded are
    /// leased again as they are.
    ///
    /// - Returns: Whether there was one.
    func endExpired() async throws -> Bool {
        let expired = try await connection.execute(
            """
            SELECT \(Part.columns) FROM bulk_parts WHERE state = 'leased' AND lease_until < \(QueueTime.sql)
            ORDER BY operation, number LIMIT $2 FOR UPDATE SKIP LOCKED
            """, [time.parameter, .integer(QueueRules.expiredCount)])
        for part in Part.read(expired) { try await release(part, after: .expiry) }
        return expired.rowCount > 0
    }

    /// Makes a part ready for its next attempt, halves it, or ends the operation. The transaction has locked the part.
    func release(_ part: Part, after cause: EndedLease.Cause) async throws {
        guard let stored = try await lock(part.sequence) else { return }
        let end = EndedLease(stored.operation, after: cause, of: part.ending, settings)
        switch end.step {
        case .wait(let nanoseconds): try await set("ready", part, end, delay: nanoseconds)
        case .halve: try await halve(part, end)
        case .skip(let reason):
            try await set("skipped", part, end, delay: nil)
            if let reason { try await fail(part.sequence, reason) }
        }
        try await settle(part.sequence)
    }

    /// Locks an operation and returns it as it is then.
    private func lock(_ sequence: Int64) async throws -> StoredOperation? {
        try await StoredOperation.fetch(connection, where: "sequence = $1 FOR UPDATE", [.integer(sequence)]).first
    }

    private func set(_ state: String, _ part: Part, _ end: EndedLease, delay: Int64?) async throws {
        _ = try await connection.execute(
            """
            UPDATE bulk_parts SET state = $4, run_at = coalesce(\(QueueTime.sql) + $5::bigint, 0), lease_until = NULL,
            attempts = $6, expiries = $7, interruptions = $8 WHERE operation = $2 AND number = $3
            """,
            [
                time.parameter, .integer(part.sequence), .integer(part.number), .text(state),
                delay.map { .integer($0) } ?? .null, .integer(end.attempts), .integer(end.expiries),
                .integer(end.interruptions),
            ])
    }

    private func halve(_ part: Part, _ end: EndedLease) async throws {
        let half = part.ending.itemCount / 2
        let counts: [PostgreSQLValue] = [.integer(end.expiries), .integer(end.interruptions)]
        _ = try await connection.execute(
            """
            INSERT INTO bulk_parts
            (operation, number, chunk, item_offset, item_count, first_index, expiries, interruptions, state)
            SELECT operation, (SELECT max(number) + 1 FROM bulk_parts WHERE operation = $1), chunk, item_offset + $3,
            item_count - $3, first_index + $3, $4, $5, 'ready' FROM bulk_parts WHERE operation = $1 AND number = $2
            """, [.integer(part.sequence), .integer(part.number), .integer(half)] + counts)
        _ = try await connection.execute(
            """
            UPDATE bulk_parts SET state = 'ready', item_count = $3, attempts = 0, expiries = $4, interruptions = $5,
            run_at = 0, lease_until = NULL WHERE operation = $1 AND number = $2
            """, [.integer(part.sequence), .integer(part.number), .integer(half)] + counts)
    }

    /// Ends an operation early. Parts that are leased end by themselves. The transaction has locked the operation.
    func fail(_ sequence: Int64, _ reason: BulkOperation.Reason) async throws {
        try await skipParts(of: sequence)
        _ = try await connection.execute(
            "UPDATE bulk_operations SET reason = coalesce(reason, $2) WHERE sequence = $1",
            [.integer(sequence), .text(reason.rawValue)])
    }

    /// Keeps the parts that are not leased from being carried out. The transaction has locked the operation.
    ///
    /// It passes over a part that another worker is leasing, because that one may wait for the operation next. That worker ends the part: of an
    /// operation that was cancelled it carries out nothing.
    func skipParts(of sequence: Int64) async throws {
        _ = try await connection.execute(
            """
            UPDATE bulk_parts SET state = 'skipped' FROM (
                SELECT number FROM bulk_parts WHERE operation = $1 AND state IN ('ready', 'held')
                FOR UPDATE SKIP LOCKED
            ) AS free WHERE operation = $1 AND bulk_parts.number = free.number
            """, [.integer(sequence)])
    }

    /// Ends an operation if its last part has ended or too many items have failed, and counts the change.
    ///
    /// Of two transactions that end the last two parts, the second one has the lock after the first one was committed, and sees what it did.
    ///
    /// - Returns: Whether the operation has ended.
    @discardableResult
    func settle(_ sequence: Int64) async throws -> Bool {
        guard let operation = try await lock(sequence)?.operation else { return true }
        if operation.hasTooManyErrors { try await fail(sequence, .tooManyErrors) }
        let settled = try await connection.execute(
            """
            UPDATE bulk_operations SET revision = revision + 1,
            finished_at = CASE WHEN has_ended THEN \(QueueTime.sql) ELSE finished_at END,
            expires_at = CASE WHEN has_ended THEN \(QueueTime.sql) + $3 ELSE expires_at END,
            state = CASE WHEN NOT has_ended THEN state WHEN state = 'cancelling' THEN 'cancelled'
                WHEN reason IS NOT NULL THEN 'failed' ELSE 'completed' END
            FROM (SELECT $4::bool AND (SELECT number FROM bulk_parts WHERE operation = $2
                AND state IN ('ready', 'held', 'leased', 'recorded') ORDER BY first_index + 0 LIMIT 1) IS NULL
                AS has_ended) AS parts
            WHERE sequence = $2 RETURNING finished_at IS NOT NULL
            """,
            [
                time.parameter, .integer(sequence), .integer(settings.retention.nanoseconds),
                .boolean(!operation.state.isFinal),
            ])
        return settled.rowCount > 0 && settled.boolean(0, 0) == true
    }
}
#endif
