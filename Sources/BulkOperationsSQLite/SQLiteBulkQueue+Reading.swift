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
        let bytes = query.includesItems ? "chunk.bytes" : "NULL AS bytes"
        return try await database.read { db in
            try Row.fetchAll(
                db, sql: """
                    SELECT bulk_parts.*, chunk.first_index AS chunk_index, chunk.first_line,
                    chunk.item_count AS chunk_count, \(bytes), outcome
                    FROM bulk_operations JOIN bulk_parts ON bulk_parts.operation = sequence
                    JOIN bulk_chunks AS chunk ON chunk.operation = sequence AND chunk.number = bulk_parts.chunk
                    LEFT JOIN bulk_outcomes ON bulk_outcomes.operation = sequence AND part = bulk_parts.number
                    WHERE id = ? AND bulk_parts.first_index + max(bulk_parts.item_count, 1) > ?
                    AND (NOT ? OR failure_count > 0) ORDER BY bulk_parts.first_index LIMIT ?
                    """,
                arguments: [query.id.description, query.firstIndex, query.hasFailures, query.limit]
            ).map { row in
                let outcome = try (row["outcome"] as Data?).map { try ChunkOutcome(decoding: ByteBuffer(bytes: $0)) }
                return PartRecord(Self.part(row), outcome)
            }
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
        let isThere = try await database.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM bulk_operations WHERE expires_at <= ?)", arguments: [now])
        }
        guard isThere == true else { return 0 }
        return try await database.write { db in
            try QueueSchema.remove(db, where: "expires_at <= ?", arguments: [now])
        }
    }
}
#endif
