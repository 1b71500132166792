#if PostgreSQL
public import BulkOperations
import NIOCore
import PostgreSQLTransport

extension PostgreSQLBulkQueue {
    private static let isVisible = "state <> 'uploading' AND expires_at > \(QueueTime.sql)"

    /// Returns an operation.
    ///
    /// - Throws: `PostgreSQLError`.
    public func operation(_ id: OperationID) async throws -> BulkOperation? {
        let result = try await client.read(
            StoredOperation.selecting(where: "id = $2 AND \(Self.isVisible)"), [time.parameter, .text(id.description)])
        return try StoredOperation.read(result).first?.operation
    }

    /// Returns the operations of a user, latest first.
    ///
    /// - Throws: `PostgreSQLError`.
    public func operations(
        of userID: String, state: BulkOperation.State?, before id: OperationID?, limit: Int
    ) async throws -> [BulkOperation] {
        var condition = "user_id = $2 AND \(Self.isVisible)"
        var parameters: [PostgreSQLValue] = [time.parameter, .text(userID), .integer(limit)]
        if let state {
            parameters.append(.text(state.rawValue))
            condition += " AND state = $\(parameters.count)"
        }
        if let id {
            parameters.append(.text(id.description))
            condition += " AND sequence < (SELECT sequence FROM bulk_operations WHERE id = $\(parameters.count))"
        }
        let result = try await client.read(
            StoredOperation.selecting(where: condition + " ORDER BY sequence DESC LIMIT $3"), parameters)
        return try StoredOperation.read(result).map(\.operation)
    }

    /// Returns what happened with parts of an operation.
    ///
    /// - Throws: `PostgreSQLError`.
    public func parts(_ query: PartQuery) async throws -> [PartRecord] {
        let result = try await client.read(
            Self.selectingRecords(query), [.text(query.id.description), .integer(query.firstIndex)])
        return try (0..<result.rowCount).map { row in
            let outcome = try result.bytes(row, StoredPart.columnCount).map { try ChunkOutcome(decoding: $0) }
            return PartRecord(StoredPart.read(result, row), outcome)
        }
    }

    /// The parts of an operation in their order, from the one with an item on. The parameters are the identifier of the operation and the
    /// index of the item.
    ///
    /// The maximum number is in the text: PostgreSQL would plan for a tenth of all parts instead.
    private static func selectingRecords(_ query: PartQuery) -> String {
        let failed = """
            JOIN bulk_outcomes AS failed ON failed.operation = bulk_parts.operation AND failed.part = number
            AND failure_count > 0
            """
        let operation = "(SELECT sequence FROM bulk_operations WHERE id = $1)"
        return """
            SELECT \(StoredPart.columns(bytes: query.includesItems)), outcomes.outcome FROM (
                SELECT bulk_parts.* FROM bulk_parts \(query.hasFailures ? failed : "")
                WHERE bulk_parts.operation = \(operation) AND first_index >= coalesce((SELECT max(first_index)
                    FROM bulk_parts AS earlier WHERE earlier.operation = \(operation) AND earlier.first_index <= $2), 0)
                AND (first_index + item_count > $2 OR item_count = 0) ORDER BY first_index LIMIT \(max(query.limit, 0))
            ) AS part JOIN bulk_chunks AS chunk ON chunk.operation = part.operation AND chunk.number = part.chunk
            LEFT JOIN bulk_outcomes AS outcomes ON outcomes.operation = part.operation AND outcomes.part = part.number
            ORDER BY part.first_index
            """
    }

    /// Returns the number of parts that are ready or leased.
    ///
    /// - Throws: `PostgreSQLError`.
    public func depth() async throws -> Int {
        let result = try await client.execute(
            """
            SELECT count(*) FROM bulk_operations JOIN bulk_parts ON operation = sequence
            WHERE finished_at IS NULL AND bulk_parts.state IN ('ready', 'held', 'leased', 'recorded')
            """)
        return Int(result.integer(0, 0) ?? 0)
    }

    /// Cancels an operation.
    ///
    /// - Throws: `PostgreSQLError`.
    public func cancel(_ id: OperationID) async throws -> BulkOperation? {
        let (operation, isChanged) = try await client.withTransaction { connection -> (BulkOperation?, Bool) in
            try await limitIdleTime(connection)
            let found = try await StoredOperation.fetch(
                connection, where: "id = $2 AND \(Self.isVisible) FOR UPDATE", [time.parameter, .text(id.description)])
            guard let stored = found.first else { return (nil, false) }
            guard !stored.operation.state.isFinal else { return (stored.operation, false) }
            let transaction = LeaseTransaction(connection, settings, time)
            try await transaction.skipParts(of: stored.sequence)
            _ = try await connection.execute(
                "UPDATE bulk_operations SET state = 'cancelling' WHERE sequence = $1", [.integer(stored.sequence)])
            try await transaction.settle(stored.sequence)
            let ended = try await StoredOperation.fetch(
                connection, where: "sequence = $1", [.integer(stored.sequence)])
            return (ended.first?.operation, true)
        }
        if isChanged { await announce() }
        return operation
    }

    /// Removes operations whose time is over.
    ///
    /// - Throws: `PostgreSQLError`.
    @discardableResult
    public func removeExpired() async throws -> Int {
        var count = 0
        // One at a time, so that no transaction is long.
        while try await removeNextExpired() {
            try Task.checkCancellation()
            count += 1
        }
        if count > 0 {
            _ = try await client.execute(
                """
                DELETE FROM bulk_users WHERE user_id IN (
                    SELECT user_id FROM bulk_users WHERE byte_count = 0 AND NOT EXISTS (
                        SELECT 1 FROM bulk_operations WHERE bulk_operations.user_id = bulk_users.user_id)
                    FOR UPDATE SKIP LOCKED)
                """)
        }
        return count
    }

    /// Removes one operation whose time is over, unless another transaction has locked it.
    ///
    /// - Returns: Whether there was one.
    private func removeNextExpired() async throws -> Bool {
        try await client.withTransaction { connection in
            let found = try await connection.execute(
                """
                SELECT sequence, \(Self.limitingIdleTime(2)) FROM bulk_operations WHERE expires_at <= \(QueueTime.sql)
                LIMIT 1 FOR UPDATE SKIP LOCKED
                """, [time.parameter, idleLimit])
            guard found.rowCount > 0, let sequence = found.integer(0, 0) else { return false }
            _ = try await connection.execute(Self.removing(where: "sequence = $1"), [.integer(sequence)])
            return true
        }
    }
}
#endif
