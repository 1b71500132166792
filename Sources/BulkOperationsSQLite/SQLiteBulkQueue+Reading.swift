#if GRDB
public import BulkOperations
import Foundation
import GRDB
import HTTPSemantics
import NIOCore

extension SQLiteBulkQueue {
    private static let isVisible = "state <> 'uploading' AND expires_at > ?"

    /// Returns an operation.
    ///
    /// - Throws: GRDB's errors.
    public func operation(_ id: OperationID) async throws -> BulkOperation? {
        try await database.read { [clock] db in
            try StoredOperation.fetch(
                db, where: "id = ? AND \(Self.isVisible)", arguments: [id.description, clock.now.nanoseconds]
            ).first?.operation
        }
    }

    /// Returns the operations of a user, latest first.
    ///
    /// - Throws: GRDB's errors.
    public func operations(
        of userID: String, state: BulkOperation.State?, before id: OperationID?, limit: Int
    ) async throws -> [BulkOperation] {
        var condition = "user = ? AND \(Self.isVisible)"
        var arguments: StatementArguments = [userID, clock.now.nanoseconds]
        if let state {
            condition += " AND state = ?"
            arguments += [state.rawValue]
        }
        if let id {
            condition += " AND sequence < (SELECT sequence FROM bulk_operations WHERE id = ?)"
            arguments += [id.description]
        }
        let query = (condition: condition + " ORDER BY sequence DESC LIMIT \(limit)", arguments: arguments)
        return try await database.read { db in
            try StoredOperation.fetch(db, where: query.condition, arguments: query.arguments).map(\.operation)
        }
    }

    /// Returns what happened with parts of an operation.
    ///
    /// - Throws: GRDB's errors.
    public func parts(_ query: PartQuery) async throws -> [PartRecord] {
        try await database.read { db in
            try Row.fetchAll(
                db, sql: Self.selectingRecords(query),
                arguments: [query.id.description, query.firstIndex, query.firstIndex, query.limit]
            ).map { row in
                let outcome = try (row["outcome"] as Data?).map { try ChunkOutcome(decoding: ByteBuffer(bytes: $0)) }
                return PartRecord(Self.part(row), outcome)
            }
        }
    }

    /// The parts of an operation in their order, from the one with an item on. The arguments are the identifier of the operation, the index
    /// of the item twice, and the maximum number.
    static func selectingRecords(_ query: PartQuery) -> String {
        """
        SELECT bulk_parts.*, chunk.first_index AS chunk_index, chunk.first_line, chunk.item_count AS chunk_count,
        \(query.includesItems ? "chunk.bytes" : "NULL AS bytes"), outcome
        FROM bulk_operations JOIN bulk_parts ON bulk_parts.operation = sequence
        JOIN bulk_chunks AS chunk ON chunk.operation = sequence AND chunk.number = bulk_parts.chunk
        LEFT JOIN bulk_outcomes ON bulk_outcomes.operation = sequence AND part = bulk_parts.number
        WHERE id = ? AND bulk_parts.first_index >= coalesce((SELECT max(first_index) FROM bulk_parts AS earlier
        WHERE earlier.operation = sequence AND earlier.first_index <= ?), 0)
        AND (bulk_parts.first_index + bulk_parts.item_count > ? OR bulk_parts.item_count = 0)
        \(query.hasFailures ? "AND failure_count > 0" : "") ORDER BY bulk_parts.first_index LIMIT ?
        """
    }

    /// Returns the number of parts that are ready or leased.
    ///
    /// - Throws: GRDB's errors.
    public func depth() async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM bulk_operations JOIN bulk_parts ON operation = sequence
                    WHERE finished_at IS NULL AND bulk_parts.state IN ('ready', 'held', 'leased', 'recorded')
                    """) ?? 0
        }
    }

    /// Cancels an operation.
    ///
    /// - Throws: GRDB's errors.
    public func cancel(_ id: OperationID) async throws -> BulkOperation? {
        let operation = try await database.write { [settings, clock] db -> BulkOperation? in
            let now = clock.now.nanoseconds
            let condition = "id = ? AND \(Self.isVisible)"
            guard
                let stored = try StoredOperation.fetch(db, where: condition, arguments: [id.description, now]).first
            else { return nil }
            guard !stored.operation.state.isFinal else { return stored.operation }
            let transaction = LeaseTransaction(db, settings, now: now)
            try transaction.skipParts(of: stored.sequence)
            try db.execute(
                sql: "UPDATE bulk_operations SET state = 'cancelling' WHERE sequence = ?", arguments: [stored.sequence])
            try transaction.settle(stored.sequence)
            return try StoredOperation.fetch(db, where: "sequence = ?", arguments: [stored.sequence]).first?.operation
        }
        changes.notify()
        return operation
    }

    /// Removes operations whose time is over.
    ///
    /// - Throws: GRDB's errors.
    @discardableResult
    public func removeExpired() async throws -> Int {
        let now = clock.now.nanoseconds
        var count = 0
        // Others can write between the steps.
        while let id = try await expired(at: now) {
            count += try await database.write { db in
                try QueueSchema.remove(db, where: "id = ? AND expires_at <= ?", arguments: [id, now])
            }
        }
        if count > 0 {
            try await database.write { db in
                try db.execute(sql: "DELETE FROM bulk_users WHERE user NOT IN (SELECT user FROM bulk_operations)")
            }
        }
        return count
    }

    private func expired(at now: Int64) async throws -> String? {
        try await database.read { db in
            try String.fetchOne(
                db, sql: "SELECT id FROM bulk_operations WHERE expires_at <= ? LIMIT 1", arguments: [now])
        }
    }
}
#endif
