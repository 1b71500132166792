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
    private let request: OperationRequest
    private let repository: SQLiteRepository
    private let db: Database
    private(set) var counts = BulkOperation.Counts()
    /// The outcomes of parts whose rows may not stay, without the keys of these rows, which mean nothing then.
    private var undone: [(part: Int, failureCount: Int, bytes: Data)] = []

    init(_ sequence: Int64, _ lease: ChunkLease, _ repository: SQLiteRepository, _ db: Database) {
        (self.sequence, request, self.repository, self.db) = (sequence, lease.operation.request, repository, db)
    }

    /// Whether one failed item keeps all items from being written.
    var isRefused: Bool { request.isAtomic && counts.failed > 0 }

    /// Whether nothing of what was written stays.
    var isUndone: Bool { request.isDryRun || isRefused }

    mutating func carryOut(_ part: Int, _ work: ChunkWork) throws {
        let results = try work.writes.map { write in
            yieldThread()
            return try repository.apply(write, in: db)
        }
        var outcome = work.outcome(results)
        outcome.add(to: &counts)
        let failureCount = outcome.failures.count
        if !isUndone { try store(part, failureCount, Data(outcome.encoded().readableBytesView)) }
        guard request.isOneTransaction else { return }
        outcome.successes = []
        undone.append((part, failureCount, Data(try outcome.encoded().readableBytesView)))
    }

    /// Stores the counts, and the outcomes of parts that were undone.
    func finish() throws {
        var counts = counts
        if isUndone { for entry in undone { try store(entry.part, entry.failureCount, entry.bytes) } }
        if isRefused {
            counts = BulkOperation.Counts()
            counts.failed = self.counts.failed
        }
        try db.execute(
            sql: """
                UPDATE bulk_operations SET created = created + ?, updated = updated + ?, unchanged = unchanged + ?,
                deleted = deleted + ?, read = read + ?, failed = failed + ?, revision = revision + 1 WHERE sequence = ?
                """,
            arguments: [
                counts.created, counts.updated, counts.unchanged, counts.deleted, counts.read, counts.failed, sequence,
            ])
    }

    private func store(_ part: Int, _ failureCount: Int, _ bytes: Data) throws {
        try db.execute(
            sql: "INSERT INTO bulk_outcomes (operation, part, failure_count, outcome) VALUES (?, ?, ?, ?)",
            arguments: [sequence, part, failureCount, bytes])
    }
}
#endif
