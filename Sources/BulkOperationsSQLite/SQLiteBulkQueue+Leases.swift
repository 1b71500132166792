#if GRDB
public import BulkOperations
import GRDB
import HTTPSemantics
public import Repositories

extension SQLiteBulkQueue {
    /// Leases the next part.
    ///
    /// - Throws: GRDB's errors.
    public func lease(by worker: String, of resources: Set<String>) async throws -> ChunkLease? {
        // Without the lock for writing while there is nothing to do.
        let hasWork = try await database.read { [settings, clock] db in
            try LeaseTransaction(db, settings, now: clock.now.nanoseconds).hasWork(of: resources)
        }
        guard hasWork else { return nil }
        let (lease, hasEnded) = try await database.write { [settings, clock] db in
            let transaction = LeaseTransaction(db, settings, now: clock.now.nanoseconds)
            let hasEnded = try transaction.endExpired()
            return (try transaction.lease(by: worker, of: resources), hasEnded)
        }
        if lease != nil || hasEnded { changes.notify() }
        return lease
    }

    /// Extends a lease.
    ///
    /// - Throws: GRDB's errors.
    public func extend(_ lease: ChunkLease) async throws -> Bool {
        try await database.write { [settings, clock] db in
            let until = (clock.now + settings.leaseDuration).nanoseconds
            try db.execute(
                sql: """
                    UPDATE bulk_parts SET lease_until = ? WHERE \(Self.leased) AND state IN ('leased', 'recorded')
                    """, arguments: [until] + Self.arguments(lease))
            return db.changesCount > 0
        }
    }

    /// Ends a lease whose outcome was recorded.
    ///
    /// - Throws: GRDB's errors.
    public func acknowledge(_ lease: ChunkLease) async throws {
        try await database.write { [settings, clock] db in
            try db.execute(
                sql:
                    "UPDATE bulk_parts SET state = 'done', lease_until = NULL WHERE \(Self.leased) AND state = 'recorded'",
                arguments: Self.arguments(lease))
            guard db.changesCount > 0, let sequence = try Self.sequence(of: lease, db) else { return }
            try LeaseTransaction(db, settings, now: clock.now.nanoseconds).settle(sequence)
        }
        changes.notify()
    }

    /// Ends a lease that failed.
    ///
    /// - Throws: GRDB's errors.
    public func retry(_ lease: ChunkLease, after error: any Error) async throws {
        let cause = EndedLease.Cause(error)
        try await database.write { [settings, clock] db in
            let part = try Row.fetchOne(
                db, sql: "SELECT * FROM bulk_parts WHERE \(Self.leased) AND state = 'leased'",
                arguments: Self.arguments(lease))
            guard let part else { return }
            try LeaseTransaction(db, settings, now: clock.now.nanoseconds).release(part, after: cause)
        }
        changes.notify()
    }

    /// Updates SQLite's statistics of the repository's table, from a sample of each index.
    ///
    /// - Throws: GRDB's errors.
    public func optimize(_ repository: any Repository) async throws {
        let table = repository.fields.table.quotedDatabaseIdentifier
        try await database.write { db in
            try db.execute(sql: "PRAGMA analysis_limit = 400; ANALYZE \(table)")
        }
    }

    /// The condition for the part of a lease with its token.
    static let leased = """
        bulk_parts.operation = (SELECT sequence FROM bulk_operations WHERE id = ?) AND bulk_parts.number = ? AND token = ?
        """

    /// The arguments of ``leased``.
    static func arguments(_ lease: ChunkLease) -> StatementArguments {
        [lease.operation.id.description, lease.part, lease.token]
    }

    static func sequence(of lease: ChunkLease, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT sequence FROM bulk_operations WHERE id = ?", arguments: [lease.operation.id.description])
    }
}
#endif
