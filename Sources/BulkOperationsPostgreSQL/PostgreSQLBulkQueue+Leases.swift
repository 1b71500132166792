#if PostgreSQL
public import BulkOperations
import PostgreSQLTransport
public import Repositories

extension PostgreSQLBulkQueue {
    /// Leases the next part.
    ///
    /// - Throws: `PostgreSQLError`.
    public func lease(by worker: String, of resources: Set<String>) async throws -> ChunkLease? {
        let statement = LeaseStatement(worker: worker, resources: resources, settings: settings, time: time)
        var row = try await statement.execute(client)
        if row.hasExpired {
            do {
                if try await endExpired(), row.part == nil { row = try await statement.execute(client) }
            } catch {
                // A leased part can be carried out. Others end the expired leases.
                guard row.part != nil else { throw error }
            }
        }
        guard let part = row.part else { return nil }
        let found: PostgreSQLResult
        do {
            found = try await start(part)
        } catch {
            // In a task of its own: this one may be cancelled.
            await Task { await release(part) }.value
            throw error
        }
        guard let stored = try StoredOperation.read(found).first else { return nil }
        var state = ChunkLease.State(items: part.items)
        state.isRecorded = part.isRecorded
        state.isHopeless = !part.isRecorded && part.attempts > settings.maximumAttemptCount
        return ChunkLease(
            stored.operation, part: part.number, token: part.token, attempt: part.attempts, state)
    }

    /// Ends leases whose time is over.
    ///
    /// - Returns: Whether there was one.
    private func endExpired() async throws -> Bool {
        let hasEnded = try await client.withTransaction { connection in
            try await limitIdleTime(connection)
            return try await LeaseTransaction(connection, settings, time).endExpired()
        }
        if hasEnded { await announce() }
        return hasEnded
    }

    /// Starts the operation of a leased part unless it has started, and selects it.
    private func start(_ part: LeaseStatement.Part) async throws -> PostgreSQLResult {
        // Not in the statement of the lease: the lock of the operation would be held while that waits for the part.
        let started = try await client.execute(
            """
            UPDATE bulk_operations SET revision = revision + 1, started_at = coalesce(started_at, \(QueueTime.sql)),
            state = CASE WHEN state = 'queued' THEN 'running' ELSE state END
            WHERE sequence = $2 AND (state = 'queued' OR $3)
            """, [time.parameter, .integer(part.sequence), .boolean(part.isRepeated)])
        if started.changedCount > 0 { await announce() }
        return try await client.execute(
            StoredOperation.selecting(where: "sequence = $1"), [.integer(part.sequence)])
    }

    /// Undoes the lease of a part that no worker knows. If this fails, the lease expires.
    private func release(_ part: LeaseStatement.Part) async {
        _ = try? await client.execute(
            """
            UPDATE bulk_parts SET state = CASE WHEN state = 'leased' THEN 'ready' ELSE state END,
            attempts = attempts - CASE WHEN state = 'leased' THEN 1 ELSE 0 END,
            lease_until = CASE WHEN state = 'leased' THEN NULL ELSE 0 END
            WHERE operation = $1 AND number = $2 AND token = $3 AND state IN ('leased', 'recorded')
            """, [.integer(part.sequence), .integer(part.number), .integer(part.token)])
    }

    /// Extends a lease. The transaction that carries it out has locked its part, and extends it at its end.
    ///
    /// - Throws: `PostgreSQLError`.
    public func extend(_ lease: ChunkLease) async throws -> Bool {
        let result = try await client.execute(
            """
            WITH mine AS (
                SELECT bulk_parts.operation, bulk_parts.number FROM bulk_parts
                JOIN bulk_operations ON sequence = bulk_parts.operation
                WHERE id = $2 AND bulk_parts.number = $3 AND token = $4 AND bulk_parts.state IN ('leased', 'recorded')
            ), free AS (
                SELECT bulk_parts.operation, bulk_parts.number FROM bulk_parts JOIN mine USING (operation, number)
                WHERE token = $4 AND state IN ('leased', 'recorded') FOR UPDATE OF bulk_parts SKIP LOCKED
            ), extended AS (
                UPDATE bulk_parts SET lease_until = \(QueueTime.sql) + $5 FROM free
                WHERE bulk_parts.operation = free.operation AND bulk_parts.number = free.number
            )
            SELECT 1 FROM mine
            """, [time.parameter] + Self.parameters(lease) + [.integer(settings.leaseDuration.nanoseconds)])
        return result.rowCount > 0
    }

    /// Ends a lease whose outcome was recorded.
    ///
    /// - Throws: `PostgreSQLError`.
    public func acknowledge(_ lease: ChunkLease) async throws {
        let hasEnded = try await client.withTransaction { connection in
            let done = try await connection.execute(
                """
                UPDATE bulk_parts SET state = 'done', lease_until = NULL FROM bulk_operations
                WHERE id = $1 AND operation = sequence AND bulk_parts.number = $2 AND token = $3
                AND bulk_parts.state = 'recorded' RETURNING operation,
                \(Self.limitingIdleTime(4))
                """, Self.parameters(lease) + [idleLimit])
            guard done.rowCount > 0, let sequence = done.integer(0, 0) else { return false }
            return try await LeaseTransaction(connection, settings, time).settle(sequence)
        }
        await announce(hasEnded ? .state : .progress)
    }

    /// Ends a lease that failed.
    ///
    /// - Throws: `PostgreSQLError`.
    public func retry(_ lease: ChunkLease, after error: any Error) async throws {
        let cause = EndedLease.Cause(error)
        try await client.withTransaction { connection in
            let found = try await connection.execute(
                """
                SELECT \(LeaseTransaction.Part.columns), \(Self.limitingIdleTime(4)) FROM bulk_parts
                WHERE operation = (SELECT sequence FROM bulk_operations WHERE id = $1) AND number = $2 AND token = $3
                AND state = 'leased' FOR UPDATE
                """, Self.parameters(lease) + [idleLimit])
            guard let part = LeaseTransaction.Part.read(found).first else { return }
            try await LeaseTransaction(connection, settings, time).release(part, after: cause)
        }
        await announce()
    }

    /// The identifier of the operation, the number of the part, and the token.
    static func parameters(_ lease: ChunkLease) -> [PostgreSQLValue] {
        [.text(lease.operation.id.description), .integer(lease.part), .integer(lease.token)]
    }

    /// Updates PostgreSQL's statistics of the repository's table, from a sample of its rows.
    ///
    /// - Throws: `PostgreSQLError`, for example of a user who does not own the table.
    public func optimize(_ repository: any Repository) async throws {
        let table = repository.fields.table.replacing("\"", with: "\"\"")
        _ = try await client.execute("ANALYZE \"\(table)\"")
    }
}
#endif
