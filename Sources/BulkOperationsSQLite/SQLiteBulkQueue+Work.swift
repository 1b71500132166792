#if GRDB
public import BulkOperations
import Foundation
import GRDB
import HTTPSemantics
import NIOCore
public import Repositories
import RepositoriesSQLite

extension SQLiteBulkQueue {
    /// Carries out the items of a lease and records their outcome in one transaction.
    ///
    /// - Throws: `RepositoryError` for a repository of another database or a rule that the commit checks, GRDB's errors, and those of `work`.
    public func carryOut(
        _ lease: ChunkLease, on repository: any Repository, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> Bool {
        guard let repository = self.repository(repository) else {
            throw RepositoryError.invalidWrite("the repository is not one of the queue's database")
        }
        let isOneTransaction = lease.operation.request.isOneTransaction
        // Outside of the transaction, so that others can write meanwhile.
        let prepared = isOneTransaction ? nil : try await self.prepared(lease, work)
        if !isOneTransaction, prepared == nil { return false }
        let isRecorded = try await database.write { [settings, clock] db in
            let until = (clock.now + settings.leaseDuration).nanoseconds
            guard let sequence = try Self.record(lease, until: until, db) else { return false }
            var steps = PartSteps(sequence, lease, repository, db)
            if let prepared {
                try steps.carryOut(lease.part, prepared)
                try steps.finish()
                return true
            }
            try db.inSavepoint {
                for number in try Self.parts(of: sequence, db) where !steps.outcome.hasTooManyErrors {
                    try steps.carryOut(number, try work(try Self.part(number, of: sequence, db)))
                }
                return steps.outcome.isUndone ? .rollback : .commit
            }
            try steps.finish()
            let transaction = LeaseTransaction(db, settings, now: clock.now.nanoseconds)
            if steps.outcome.hasTooManyErrors { try transaction.fail(sequence, .tooManyErrors) }
            if steps.outcome.isRefused { try transaction.fail(sequence, .atomic) }
            try transaction.skipParts(of: sequence)
            return true
        }
        if !isRecorded { changes.notify() }
        return isRecorded
    }

    /// Reads the part of a lease and prepares its work, or returns nil if the worker has lost the lease.
    private func prepared(
        _ lease: ChunkLease, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> ChunkWork? {
        // On the thread of the connection, so that the work keeps no thread from requests.
        try await database.read { db in
            try Row.fetchOne(
                db, sql: "\(Self.selectingParts) WHERE \(Self.leased) AND state = 'leased'",
                arguments: Self.arguments(lease)
            ).map { try work(Self.part($0)) }
        }
    }

    /// Marks the part of a lease as recorded. The token is the fence: nothing is written for a lease that another one has followed.
    ///
    /// - Returns: The key of the operation, or nil if the lease is lost or the operation was cancelled.
    private static func record(_ lease: ChunkLease, until: Int64, _ db: Database) throws -> Int64? {
        try db.execute(
            sql: """
                UPDATE bulk_parts SET state = 'recorded', lease_until = ? WHERE \(leased) AND state = 'leased'
                AND (SELECT state FROM bulk_operations WHERE sequence = bulk_parts.operation) IN ('queued', 'running')
                """, arguments: [until] + arguments(lease))
        guard db.changesCount > 0 else { return nil }
        return try sequence(of: lease, db)
    }

    // MARK: Parts

    static let selectingParts = """
        SELECT bulk_parts.*, chunk.first_index AS chunk_index, chunk.first_line, chunk.item_count AS chunk_count, \
        chunk.bytes FROM bulk_parts JOIN bulk_chunks AS chunk \
        ON chunk.operation = bulk_parts.operation AND chunk.number = bulk_parts.chunk
        """

    /// Returns the numbers of an operation's parts in the order of the items.
    private static func parts(of sequence: Int64, _ db: Database) throws -> [Int] {
        try Int.fetchAll(
            db, sql: "SELECT number FROM bulk_parts WHERE operation = ? ORDER BY first_index", arguments: [sequence])
    }

    private static func part(_ number: Int, of sequence: Int64, _ db: Database) throws -> ChunkPart {
        let sql = "\(selectingParts) WHERE bulk_parts.operation = ? AND bulk_parts.number = ?"
        return part(try Row.fetchOne(db, sql: sql, arguments: [sequence, number]) ?? Row())
    }

    static func part(_ row: Row) -> ChunkPart {
        let offset: Int = row["offset"]
        let count: Int = row["item_count"]
        let chunk = OperationChunk(
            number: row["chunk"], firstIndex: row["chunk_index"], firstLine: row["first_line"],
            itemCount: row["chunk_count"], bytes: ByteBuffer(bytes: row["bytes"] as Data? ?? Data()))
        return ChunkPart(chunk, items: offset..<offset + count)
    }
}

#endif
