#if PostgreSQL
public import BulkOperations
import PostgreSQLTransport
public import Repositories
import RepositoriesPostgreSQL

extension PostgreSQLBulkQueue {
    /// Carries out the items of a lease and records their outcome in one transaction.
    ///
    /// The transaction locks the part while the lease is the worker's: no other worker can lease it meanwhile, and after another one has,
    /// nothing is written. A worker that stops in the middle of the transaction loses it after the time of a lease, because the server ends
    /// sessions that are idle in it for so long. If the operation is cancelled in the middle of the transaction, it is undone.
    ///
    /// - Throws: `RepositoryError` for a repository of another database or a rule that the commit checks, `PostgreSQLError`, and the errors of
    ///   `work`.
    public func carryOut(
        _ lease: ChunkLease, on repository: any Repository, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> Bool {
        guard let repository = self.repository(repository) else {
            throw RepositoryError.invalidWrite("the repository is not one of the queue's database")
        }
        let isOneTransaction = lease.operation.request.isOneTransaction
        // Outside of the transaction, so that it is short.
        let prepared = isOneTransaction ? nil : try await self.prepared(lease, work)
        if !isOneTransaction, prepared == nil { return false }
        let isRecorded: Bool
        do {
            isRecorded = try await client.withTransaction { connection in
                guard let sequence = try await fence(lease, connection) else { return false }
                var steps = PartSteps(sequence, lease, repository, connection)
                if let prepared {
                    try await steps.carryOut(lease.part, prepared)
                    try await steps.finish(settings, time)
                } else {
                    try await carryOutAll(&steps, of: sequence, connection, work)
                }
                return true
            }
        } catch is PartSteps.Cancelled {
            isRecorded = false
        }
        if !isRecorded { await announce() }
        return isRecorded
    }

    /// Carries out all parts of an operation in one transaction.
    private func carryOutAll(
        _ steps: inout PartSteps, of sequence: Int64, _ connection: PostgreSQLConnection,
        _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws {
        let numbers = try await connection.execute(
            "SELECT number FROM bulk_parts WHERE operation = $1 ORDER BY first_index", [.integer(sequence)])
        var next = steps
        do {
            try await connection.withSavepoint {
                for row in 0..<numbers.rowCount where !next.outcome.hasTooManyErrors {
                    let number = numbers.integer(row, 0) ?? 0
                    let part = try await part(number, of: sequence, connection)
                    try await next.carryOut(Int(number), try await onThread { try work(part) })
                }
                if next.outcome.isUndone { throw Undo() }
            }
        } catch is Undo {}
        steps = next
        try await steps.finish(settings, time)
        let transaction = LeaseTransaction(connection, settings, time)
        if steps.outcome.hasTooManyErrors { try await transaction.fail(sequence, .tooManyErrors) }
        if steps.outcome.isRefused { try await transaction.fail(sequence, .atomic) }
        try await transaction.skipParts(of: sequence)
    }

    /// Rolls the savepoint back.
    private struct Undo: Error {}

    private func part(
        _ number: Int64, of sequence: Int64, _ connection: PostgreSQLConnection
    ) async throws -> ChunkPart {
        let found = try await connection.execute(
            "\(StoredPart.selecting) WHERE part.operation = $1 AND part.number = $2",
            [.integer(sequence), .integer(number)])
        return StoredPart.read(found, 0)
    }

    /// Reads the part of a lease and prepares its work, or returns nil if the worker has lost the lease.
    private func prepared(
        _ lease: ChunkLease, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> ChunkWork? {
        let found = try await client.execute(
            """
            \(StoredPart.selecting) WHERE part.operation = (SELECT sequence FROM bulk_operations WHERE id = $1)
            AND part.number = $2 AND token = $3 AND state = 'leased'
            """, Self.parameters(lease))
        guard found.rowCount > 0 else { return nil }
        return try await onThread { try work(StoredPart.read(found, 0)) }
    }

    /// Locks the part of a lease. The token is the fence: nothing is written for a lease that another one has followed.
    ///
    /// - Returns: The key of the operation, or nil if the lease is lost or the operation was cancelled.
    private func fence(_ lease: ChunkLease, _ connection: PostgreSQLConnection) async throws -> Int64? {
        let found = try await connection.execute(
            """
            SELECT sequence, \(Self.limitingIdleTime(4))
            FROM bulk_parts JOIN bulk_operations ON sequence = operation
            WHERE id = $1 AND bulk_parts.number = $2 AND token = $3 AND bulk_parts.state = 'leased'
            AND bulk_operations.state IN ('queued', 'running') FOR UPDATE OF bulk_parts
            """, Self.parameters(lease) + [idleLimit])
        return found.rowCount > 0 ? found.integer(0, 0) : nil
    }
}
#endif
