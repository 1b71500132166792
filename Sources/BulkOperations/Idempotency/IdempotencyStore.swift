public import Repositories

/// A store for the keys of requests and the responses to them.
///
/// A record is *started* by ``begin(_:fingerprint:for:)``, and then finished with a response or abandoned. Of several concurrent
/// callers, in any process that uses the store, exactly one starts a record. A record that is neither finished nor abandoned, because
/// its process has ended, can be started again when its lease has ended; the handler then runs again.
///
/// ``MemoryIdempotencyStore`` is for one process. `SQLiteIdempotencyStore` of `BulkOperationsSQLite` survives restarts, and
/// `PostgreSQLIdempotencyStore` of `BulkOperationsPostgreSQL` is for several machines. Check a store of your own with
/// `IdempotencyStoreSuite` of `PipelineTesting`.
public protocol IdempotencyStore: Sendable {
    /// Starts a record, or returns what is known about it.
    ///
    /// - Parameters:
    ///   - id: Identifies the record.
    ///   - fingerprint: What the request has in common with its repetitions.
    ///   - lifetimes: How long the record is kept.
    /// - Returns: The outcome.
    /// - Throws: ``IdempotencyStoreFull``, and the errors of the store. The request is then refused.
    func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome

    /// Adds the response to a started record.
    ///
    /// - Parameters:
    ///   - token: Identifies the run.
    ///   - reply: The response.
    /// - Returns: False if the record has been started again by another run, or is not kept because the response is too large; the record
    ///   of another run is not changed.
    /// - Throws: The errors of the store.
    @discardableResult
    func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool

    /// Removes a started record, so that the key can be used again. The record of another run is not changed.
    ///
    /// - Parameter token: Identifies the run.
    /// - Throws: The errors of the store.
    func abandon(_ token: IdempotencyToken) async throws

    /// Adds the response to a started record in the transaction of a write, so that either both are stored or none.
    ///
    /// - Parameters:
    ///   - token: Identifies the run.
    ///   - reply: The response.
    ///   - transaction: The transaction.
    /// - Returns: False if the response is not stored, because it is too large or because the transaction is one of another database.
    /// - Throws: ``IdempotencyRunLost`` if the record was started again by another run or removed: the write must not be committed, because
    ///   another run may have done it. A store whose transactions are asynchronous makes the transaction throw it later. Also the errors of
    ///   the store.
    func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool
}

extension IdempotencyStore {
    /// Stores nothing: the response is stored after the handler has returned.
    public func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool {
        false
    }
}

/// The error of a write whose run has lost its record: it took longer than its lease, and another request with the key has run or is running.
///
/// The same request can succeed when it is repeated: it receives the response of the other run.
public struct IdempotencyRunLost: TransientError, Hashable, CustomStringConvertible {
    /// True.
    public var isTransient: Bool { true }

    /// A message for logs.
    public var description: String { "another request with the same Idempotency-Key has started" }

    /// Creates the error.
    public init() {}
}

/// What an ``IdempotencyStore`` knows about a request.
public enum IdempotencyOutcome: Sendable, Hashable {
    /// The request is the first one, and must be finished or abandoned.
    case started(IdempotencyToken)
    /// An earlier request has received this response.
    case finished(StoredReply)
    /// An earlier request is running.
    case running
    /// An earlier request with the key has another fingerprint.
    case mismatch
}

/// Identifies one run of a request with a key.
public struct IdempotencyToken: Sendable, Hashable {
    /// Identifies the record.
    public let id: IdempotencyRecordID
    /// A number that no other run of the record has.
    public let number: Int64

    /// Creates a token from its parts.
    public init(id: IdempotencyRecordID, number: Int64) {
        (self.id, self.number) = (id, number)
    }
}
