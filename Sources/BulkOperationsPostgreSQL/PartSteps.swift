#if PostgreSQL
import BulkOperations
import NIOPosix
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL

/// Carries out parts in a transaction and stores their outcomes.
struct PartSteps {
    private let sequence: Int64
    private let lease: ChunkLease
    private let repository: PostgreSQLRepository
    private let connection: PostgreSQLConnection
    private(set) var outcome: LeaseOutcome

    init(
        _ sequence: Int64, _ lease: ChunkLease, _ repository: PostgreSQLRepository, _ connection: PostgreSQLConnection
    ) {
        (self.sequence, self.lease) = (sequence, lease)
        (self.repository, self.connection) = (repository, connection)
        outcome = LeaseOutcome(of: lease.operation.request)
    }

    mutating func carryOut(_ part: Int, _ work: ChunkWork) async throws {
        var results: [WriteResult] = []
        for write in work.writes { results.append(try await repository.apply(write, in: connection)) }
        let (written, outcomes) = (results, outcome)
        let (stored, next) = try await onThread {
            var outcomes = outcomes
            return (try outcomes.add(work.outcome(written), of: part), outcomes)
        }
        outcome = next
        if let stored { try await store(stored) }
    }

    /// Stores the counts, and the outcomes of parts that were undone. The lease lasts from now on.
    ///
    /// The operation is locked here, at the end of the transaction: other workers of the operation wait for it.
    ///
    /// - Throws: ``Cancelled`` if the operation was cancelled since the transaction began, which is to be rolled back then.
    func finish(_ settings: BulkQueueSettings, _ time: QueueTime) async throws {
        for stored in outcome.remaining { try await store(stored) }
        let counts = outcome.finalCounts
        let counted = try await connection.execute(
            """
            WITH part AS (
                UPDATE bulk_parts SET state = 'recorded', lease_until = \(QueueTime.sql) + $4
                WHERE operation = $2 AND number = $3
            )
            UPDATE bulk_operations SET created = created + $5, updated = updated + $6, unchanged = unchanged + $7,
            deleted = deleted + $8, read = read + $9, failed = failed + $10, revision = revision + 1
            WHERE sequence = $2 AND state IN ('queued', 'running')
            """,
            [
                time.parameter, .integer(sequence), .integer(lease.part), .integer(settings.leaseDuration.nanoseconds),
                .integer(counts.created), .integer(counts.updated), .integer(counts.unchanged),
                .integer(counts.deleted), .integer(counts.read), .integer(counts.failed),
            ])
        guard counted.changedCount > 0 else { throw Cancelled() }
    }

    /// The error of a transaction whose operation was cancelled.
    struct Cancelled: Error {}

    private func store(_ stored: LeaseOutcome.Stored) async throws {
        _ = try await connection.execute(
            "INSERT INTO bulk_outcomes (operation, part, failure_count, outcome) VALUES ($1, $2, $3, $4)",
            [.integer(sequence), .integer(stored.part), .integer(stored.failureCount), .bytes(stored.bytes)])
    }
}

/// Runs a long computation on a thread of its own, so that it keeps no thread from requests.
///
/// - Throws: The errors of the closure.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
}
#endif
