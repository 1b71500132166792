#if GRDB
import BulkOperations
import GRDB

/// Changes of leases in a transaction.
struct LeaseTransaction {
    private let db: Database
    private let settings: BulkQueueSettings
    private let now: Int64

    init(_ db: Database, _ settings: BulkQueueSettings, now: Int64) {
        (self.db, self.settings, self.now) = (db, settings, now)
    }

    // MARK: Leasing

    /// Returns whether a part can be leased, or a lease has expired.
    func hasWork(of resources: Set<String>) throws -> Bool {
        let names = StatementArguments(resources.sorted())
        return try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (\(Self.selectingReady(marks(resources)))) OR EXISTS (SELECT 1 FROM bulk_parts
                JOIN bulk_operations ON sequence = operation
                WHERE lease_until < ? AND (bulk_parts.state = 'leased' OR resource IN (\(marks(resources)))))
                """, arguments: names + [now, now] + names) == true
    }

    /// Selects the operations of which a part can be leased. The arguments are the resources and the time.
    private static func selectingReady(_ marks: String) -> String {
        """
        SELECT sequence FROM bulk_operations JOIN bulk_users USING (user)
        WHERE finished_at IS NULL AND bulk_operations.state IN ('queued', 'running') AND resource IN (\(marks))
        AND EXISTS (SELECT 1 FROM bulk_parts WHERE operation = sequence AND bulk_parts.state = 'ready' AND run_at <= ?)
        """
    }

    /// Ends the leases whose time is over. Those whose outcome was recorded are leased again as they are.
    ///
    /// - Returns: Whether there was one.
    func endExpired() throws -> Bool {
        let expired = try Row.fetchAll(
            db, sql: "SELECT * FROM bulk_parts WHERE state = 'leased' AND lease_until < ? LIMIT ?",
            arguments: [now, QueueRules.expiredCount])
        for part in expired { try release(part, after: .expiry) }
        return !expired.isEmpty
    }

    /// Leases a part.
    func lease(by worker: String, of resources: Set<String>) throws -> ChunkLease? {
        guard let part = try recorded(resources) ?? ready(resources) else { return nil }
        let (sequence, number): (Int64, Int) = (part["operation"], part["number"])
        let isRecorded = part["state"] == "recorded"
        let until = now + settings.leaseDuration.nanoseconds
        try db.execute(
            sql: """
                UPDATE bulk_parts SET state = ?, token = token + 1, attempts = attempts + ?, lease_until = ?, worker = ?
                WHERE operation = ? AND number = ?
                """,
            arguments: [isRecorded ? "recorded" : "leased", isRecorded ? 0 : 1, until, worker, sequence, number])
        try db.execute(
            sql: """
                UPDATE bulk_operations SET revision = revision + 1, state = iif(state = 'queued', 'running', state),
                started_at = coalesce(started_at, ?) WHERE sequence = ?
                """, arguments: [now, sequence])
        try db.execute(
            sql: """
                UPDATE bulk_users SET served = served + 1
                WHERE user = (SELECT user FROM bulk_operations WHERE sequence = ?)
                """, arguments: [sequence])
        try db.execute(sql: "UPDATE bulk_queue SET lease_count = lease_count + 1")
        guard let stored = try StoredOperation.fetch(db, where: "sequence = ?", arguments: [sequence]).first else {
            return nil
        }
        let attempts: Int = part["attempts"]
        let (first, count): (Int, Int) = (part["first_index"], part["item_count"])
        var state = ChunkLease.State(items: first..<first + count)
        state.isRecorded = isRecorded
        state.isHopeless = !isRecorded && attempts >= settings.maximumAttemptCount
        return ChunkLease(
            stored.operation, part: number, token: part["token"] + 1, attempt: attempts + (isRecorded ? 0 : 1), state)
    }

    /// Returns a part whose outcome was recorded by a worker that then stopped.
    private func recorded(_ resources: Set<String>) throws -> Row? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT bulk_parts.* FROM bulk_parts JOIN bulk_operations ON sequence = operation
                WHERE bulk_parts.state = 'recorded' AND lease_until < ? AND resource IN (\(marks(resources))) LIMIT 1
                """, arguments: [now] + StatementArguments(resources.sorted()))
    }

    private func ready(_ resources: Set<String>) throws -> Row? {
        let leaseCount = try Int.fetchOne(db, sql: "SELECT lease_count FROM bulk_queue") ?? 0
        let order =
            if leaseCount % QueueRules.agingInterval == QueueRules.agingInterval - 1 {
                // With the sign, SQLite does not look at all operations in the order of their key.
                "+sequence"
            } else {
                (settings.prefersSmallOperations ? "priority, " : "") + "served, sequence"
            }
        return try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM bulk_parts WHERE operation = (
                    \(Self.selectingReady(marks(resources))) ORDER BY \(order) LIMIT 1)
                AND state = 'ready' AND run_at <= ? ORDER BY first_index LIMIT 1
                """, arguments: StatementArguments(resources.sorted()) + [now, now])
    }

    private func marks(_ resources: Set<String>) -> String { resources.map { _ in "?" }.joined(separator: ", ") }

    // MARK: Ending

    /// Makes a part ready for its next attempt, halves it, or ends the operation.
    func release(_ part: Row, after cause: EndedLease.Cause) throws {
        let (sequence, number): (Int64, Int) = (part["operation"], part["number"])
        guard let stored = try StoredOperation.fetch(db, where: "sequence = ?", arguments: [sequence]).first else {
            return
        }
        let end = EndedLease(
            stored.operation, after: cause,
            of: EndedLease.Part(
                attempts: part["attempts"], expiries: part["expiries"], interruptions: part["interruptions"],
                itemCount: part["item_count"]), settings)
        try db.execute(
            sql: """
                UPDATE bulk_parts SET attempts = ?, expiries = ?, interruptions = ? WHERE operation = ? AND number = ?
                """, arguments: [end.attempts, end.expiries, end.interruptions, sequence, number])
        switch end.step {
        case .wait(let nanoseconds): try set("ready", sequence, number, runAt: now + nanoseconds)
        case .halve: try halve(part)
        case .skip(let reason):
            try set("skipped", sequence, number)
            if let reason { try fail(sequence, reason) }
        }
        try settle(sequence)
    }

    private func set(_ state: String, _ sequence: Int64, _ number: Int, runAt: Int64 = 0) throws {
        try db.execute(
            sql: "UPDATE bulk_parts SET state = ?, run_at = ?, lease_until = NULL WHERE operation = ? AND number = ?",
            arguments: [state, runAt, sequence, number])
    }

    private func halve(_ part: Row) throws {
        let (sequence, number): (Int64, Int) = (part["operation"], part["number"])
        let count: Int = part["item_count"]
        let half = count / 2
        try db.execute(
            sql: """
                INSERT INTO bulk_parts
                (operation, number, chunk, offset, item_count, first_index, expiries, interruptions, state)
                SELECT operation, (SELECT max(number) + 1 FROM bulk_parts WHERE operation = ?), chunk, offset + ?, ?,
                first_index + ?, expiries, interruptions, 'ready' FROM bulk_parts WHERE operation = ? AND number = ?
                """, arguments: [sequence, half, count - half, half, sequence, number])
        try db.execute(
            sql: """
                UPDATE bulk_parts SET state = 'ready', item_count = ?, attempts = 0, run_at = 0, lease_until = NULL
                WHERE operation = ? AND number = ?
                """, arguments: [half, sequence, number])
    }

    /// Ends an operation early. Parts that are leased end by themselves.
    func fail(_ sequence: Int64, _ reason: BulkOperation.Reason) throws {
        try skipParts(of: sequence)
        try db.execute(
            sql: "UPDATE bulk_operations SET reason = coalesce(reason, ?) WHERE sequence = ?",
            arguments: [reason.rawValue, sequence])
    }

    /// Keeps the parts that are not leased from being carried out.
    func skipParts(of sequence: Int64) throws {
        try db.execute(
            sql: "UPDATE bulk_parts SET state = 'skipped' WHERE operation = ? AND state IN ('ready', 'held')",
            arguments: [sequence])
    }

    /// Ends an operation if its last part has ended or too many items have failed, and counts the change.
    func settle(_ sequence: Int64) throws {
        guard
            let operation = try StoredOperation.fetch(db, where: "sequence = ?", arguments: [sequence]).first?.operation
        else { return }
        if operation.hasTooManyErrors { try fail(sequence, .tooManyErrors) }
        let isUnfinished = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM bulk_parts WHERE operation = ?
                AND state IN ('ready', 'held', 'leased', 'recorded'))
                """, arguments: [sequence])
        guard isUnfinished == false, !operation.state.isFinal else {
            try db.execute(
                sql: "UPDATE bulk_operations SET revision = revision + 1 WHERE sequence = ?", arguments: [sequence])
            return
        }
        try db.execute(
            sql: """
                UPDATE bulk_operations SET revision = revision + 1, finished_at = ?, expires_at = ?,
                state = CASE WHEN state = 'cancelling' THEN 'cancelled' WHEN reason IS NOT NULL THEN 'failed'
                ELSE 'completed' END WHERE sequence = ?
                """, arguments: [now, now + settings.retention.nanoseconds, sequence])
    }
}

extension EndedLease.Cause {
    /// Creates the cause that an error stands for.
    ///
    /// Without room on the disk and while another process writes, every part fails. A page that is corrupt and memory that does not suffice
    /// concern some items only, as far as it is known.
    init(_ error: any Error) {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY: self = .database
        case .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_PROTOCOL, .SQLITE_INTERRUPT: self = .interruption
        default: self = .items
        }
    }
}
#endif
