#if GRDB
public import BulkOperations
public import GRDB
public import HTTPPipeline
import Foundation
import NIOCore
public import Repositories
import RepositoriesSQLite

/// An `IdempotencyStore` in an SQLite database that GRDB opens. Its records survive restarts, and are shared by all processes that use the
/// file.
///
/// ```swift
/// let keys = try SQLiteIdempotencyStore(in: DatabasePool(path: "places.sqlite"))
/// ```
///
/// The tables `bulk_idempotency_records` and `bulk_idempotency_usage` are created by a migration. Expired records are removed when others
/// are started. If several processes write to the file, open it with a `busyMode` that waits: GRDB's default fails at once while another
/// process writes.
public struct SQLiteIdempotencyStore: IdempotencyStore {
    private let database: any DatabaseWriter
    private let limits: IdempotencyLimits
    private let timeSource: any TimeSource

    /// Creates a store, and its tables if they do not exist. It waits for the database.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - limits: The limits of the records. By default 1,000,000 records and 1 GiB.
    ///   - timeSource: The clock. All processes need the same time.
    /// - Throws: GRDB's errors.
    public init(
        in database: any DatabaseWriter,
        limits: IdempotencyLimits = IdempotencyLimits(recordCount: 1_000_000, byteCount: 1 << 30, shareCount: 10),
        timeSource: any TimeSource = SystemTimeSource()
    ) throws {
        (self.database, self.limits, self.timeSource) = (database, limits, timeSource)
        try TableVersions.migrate("idempotency keys", SQLiteIdempotencyTables.versions, in: database)
    }

    /// Starts a record, or returns what is known about it, in one transaction.
    ///
    /// - Throws: `IdempotencyStoreFull`, and GRDB's errors.
    public func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        let now = timeSource.now
        let (expiry, lease) = ((now + lifetimes.record).nanoseconds, (now + lifetimes.lease).nanoseconds)
        return try await database.write { db in
            let records = SQLiteIdempotencyRecords(db: db, limits: limits, now: now.nanoseconds)
            try records.removeExpired()
            if let outcome = try records.outcome(of: id, fingerprint) { return outcome }
            let size = id.byteCount + IdempotencyLimits.overhead
            try db.cachedStatement(
                sql: """
                    INSERT INTO bulk_idempotency_records
                        (client, method, target, key, fingerprint, expires_at, lease_ends_at, byte_count)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [id.client, id.method, id.target, id.key, fingerprint.description, expiry, lease, size])
            let number = db.lastInsertedRowID
            guard try records.makeRoom(for: number, of: id.client) else { throw IdempotencyStoreFull() }
            return .started(IdempotencyToken(id: id, number: number))
        }
    }

    /// Adds the response to a started record, in one transaction.
    ///
    /// - Throws: GRDB's errors.
    @discardableResult
    public func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
        try await database.write { db in
            guard try store(reply, token, db) else { return false }
            return try keep(token, db)
        }
    }

    /// Adds the response to a started record in the transaction of an `SQLiteRepository` of the same `DatabaseWriter`.
    ///
    /// - Throws: `IdempotencyRunLost` if another run has the record, and GRDB's errors.
    public func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool {
        guard let transaction = transaction as? SQLiteTransaction, transaction.database === database else {
            return false
        }
        guard try store(reply, token, transaction.connection) else { throw IdempotencyRunLost() }
        return try keep(token, transaction.connection)
    }

    /// Adds the response to a record, whatever its size.
    ///
    /// - Returns: Whether the record is that of the run and is not finished.
    private func store(_ reply: StoredReply, _ token: IdempotencyToken, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                UPDATE bulk_idempotency_records
                    SET lease_ends_at = NULL, status = ?, fields = ?, body = ?, byte_count = byte_count + ?
                    WHERE number = ? AND status IS NULL
                """
        ).execute(
            arguments: [
                reply.status, reply.fieldLines, Data(reply.body.readableBytesView), reply.byteCount, token.number,
            ])
        return db.changesCount == 1
    }

    /// Removes older records if a finished one needs room, or the record itself if there is nothing else to remove.
    ///
    /// - Returns: Whether the record stays.
    private func keep(_ token: IdempotencyToken, _ db: Database) throws -> Bool {
        let records = SQLiteIdempotencyRecords(db: db, limits: limits, now: timeSource.now.nanoseconds)
        if try records.makeRoom(for: token.number, of: token.id.client) { return true }
        try records.remove(token.number)
        return false
    }

    /// Removes a started record.
    ///
    /// - Throws: GRDB's errors.
    public func abandon(_ token: IdempotencyToken) async throws {
        try await database.write { db in
            try db.cachedStatement(sql: "DELETE FROM bulk_idempotency_records WHERE number = ? AND status IS NULL")
                .execute(arguments: [token.number])
        }
    }
}
#endif
