#if GRDB
import BulkOperations
import ConcurrencySupport
import Foundation
import GRDB
import NIOCore
import RepositoriesSQLite

/// Carries out parts in a transaction and stores their outcomes.
struct PartSteps {
    private let sequence: Int64
    private let repository: SQLiteRepository
    private let db: Database
    private(set) var outcome: LeaseOutcome

    init(_ sequence: Int64, _ lease: ChunkLease, _ repository: SQLiteRepository, _ db: Database) {
        (self.sequence, self.repository, self.db) = (sequence, repository, db)
        outcome = LeaseOutcome(of: lease.operation.request)
    }

    mutating func carryOut(_ part: Int, _ work: ChunkWork) throws {
        let results = try work.writes.map { write in
            yieldThread()
            return try repository.apply(write, in: db)
        }
        if let stored = try outcome.add(work.outcome(results), of: part) { try store(stored) }
    }

    /// Stores the counts, and the outcomes of parts that were undone.
    func finish() throws {
        for stored in outcome.remaining { try store(stored) }
        let counts = outcome.finalCounts
        try db.execute(
            sql: """
                UPDATE bulk_operations SET created = created + ?, updated = updated + ?, unchanged = unchanged + ?,
                deleted = deleted + ?, read = read + ?, failed = failed + ?, revision = revision + 1 WHERE sequence = ?
                """,
            arguments: [
                counts.created, counts.updated, counts.unchanged, counts.deleted, counts.read, counts.failed, sequence,
            ])
    }

    private func store(_ stored: LeaseOutcome.Stored) throws {
        try db.execute(
            sql: "INSERT INTO bulk_outcomes (operation, part, failure_count, outcome) VALUES (?, ?, ?, ?)",
            arguments: [sequence, stored.part, stored.failureCount, Data(stored.bytes.readableBytesView)])
    }
}
#endif
