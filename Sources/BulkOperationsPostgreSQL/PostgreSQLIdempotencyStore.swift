#if PostgreSQL
public import BulkOperations
public import HTTPPipeline
public import PostgreSQLTransport
public import Repositories
import RepositoriesPostgreSQL

/// An `IdempotencyStore` in a PostgreSQL database, which all servers share.
///
/// ```swift
/// let keys = try await PostgreSQLIdempotencyStore(in: client)
/// ```
///
/// The store creates the table `bulk_idempotency_records`. Expired records are removed when others are started. Records expire by the clock
/// of the database.
///
/// Starting a record is one statement. The limits are checked for one record in 64 at most, so a client can exceed its share by a hundredth
/// and by responses that are smaller than a hundredth of it.
public struct PostgreSQLIdempotencyStore: IdempotencyStore {
    private let client: PostgreSQLClient
    private let limits: IdempotencyLimits
    private let time: QueueTime

    /// Creates a store, and its table unless it exists. Two instances can do so at once.
    ///
    /// - Parameters:
    ///   - client: The database.
    ///   - limits: The limits of the records. By default 1,000,000 records and 1 GiB.
    ///   - clock: The time, or nil for the clock of the database. A clock is for tests: all processes need the same.
    /// - Throws: `PostgreSQLError`, and an error for a table of a later version of the library.
    public init(
        in client: PostgreSQLClient,
        limits: IdempotencyLimits = IdempotencyLimits(recordCount: 1_000_000, byteCount: 1 << 30, shareCount: 10),
        clock: (any TimeSource)? = nil
    ) async throws {
        (self.client, self.limits, time) = (client, limits, QueueTime(source: clock))
        try await TableVersions.migrate("idempotency keys", IdempotencyTables.versions, in: client)
    }

    private var statements: IdempotencyStatements {
        IdempotencyStatements(limits: limits, time: time) { try await client.execute($0, $1) }
    }

    /// Starts a record, or returns what is known about it.
    ///
    /// - Throws: `IdempotencyStoreFull`, and `PostgreSQLError`.
    public func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        // The record can be removed between the two statements.
        for _ in 0..<10 {
            if let number = try await statements.start(id, fingerprint, lifetimes) {
                let token = IdempotencyToken(id: id, number: number)
                // The record is started. If removing others fails, later requests do it.
                try? await statements.removeExpired(after: number)
                guard statements.isChecked(number) else { return .started(token) }
                if (try? await statements.makeRoom(for: token)) != false { return .started(token) }
                // In a task of its own: this one may be cancelled, and the record would be running until its lease has ended.
                await Task { try? await statements.remove(number) }.value
                throw IdempotencyStoreFull()
            }
            if let outcome = try await statements.outcome(of: id, fingerprint) { return outcome }
        }
        return .running
    }

    /// Adds the response to a started record.
    ///
    /// - Throws: `PostgreSQLError`.
    @discardableResult
    public func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
        try await statements.finish(token, reply)
    }

    /// Adds the response to a started record in the transaction of a `PostgreSQLRepository` of the same client, as its last statement.
    ///
    /// - Returns: Whether the transaction is one of the same client. It then stores the response, unless that is too large. If another run has
    ///   the record, it fails with `IdempotencyRunLost`.
    public func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool {
        guard let transaction = transaction as? PostgreSQLTransaction, transaction.client === client else {
            return false
        }
        transaction.perform { [limits, time] connection in
            let statements = IdempotencyStatements(limits: limits, time: time) { try await connection.execute($0, $1) }
            guard try await statements.store(reply, token) else { throw IdempotencyRunLost() }
            _ = try await statements.keep(reply, token)
        }
        return true
    }

    /// Removes a started record.
    ///
    /// - Throws: `PostgreSQLError`.
    public func abandon(_ token: IdempotencyToken) async throws {
        try await statements.remove(token.number, onlyStarted: true)
    }
}
#endif
