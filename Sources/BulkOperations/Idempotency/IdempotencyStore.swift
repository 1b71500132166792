/// A store for the keys of requests and the responses to them.
///
/// A record is *started* by ``begin(_:fingerprint:for:)``, and then finished with a response or abandoned. Of several concurrent
/// callers, in any process that uses the store, exactly one starts a record. A record that is neither finished nor abandoned, because
/// its process has ended, can be started again when its lease has ended; the handler then runs again.
///
/// ``MemoryIdempotencyStore`` is for one process. `SQLiteIdempotencyStore` of `BulkOperationsSQLite` survives restarts. Check
/// a store of your own with `IdempotencyStoreSuite` of `PipelineTesting`.
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

/// How long an ``IdempotencyStore`` keeps a record.
public struct IdempotencyLifetimes: Sendable, Hashable {
    /// The time from the start after which the record is removed. 24 hours by default.
    public var record: Duration
    /// The time after which a record that was not finished can be started again. 60 seconds by default.
    ///
    /// It must be longer than the longest run of a handler: after it, a repetition runs the handler again although the first run may not
    /// have ended.
    public var lease: Duration

    /// Creates lifetimes.
    public init(record: Duration = .seconds(24 * 3600), lease: Duration = .seconds(60)) {
        (self.record, self.lease) = (record, lease)
    }
}

/// The limits of a store that keeps records of many clients.
///
/// Beyond a limit the oldest finished records are removed before their lifetime ends: those of the same client if it uses up its
/// share, so that a client never removes the records of others as long as all clients together use less than the limits.
public struct IdempotencyLimits: Sendable, Hashable {
    /// The maximum number of records.
    public var recordCount: Int
    /// The maximum number of bytes of all records: identifiers, fields and bodies.
    public var byteCount: Int
    /// How many clients can use their share at the same time: one client may use the limits divided by this number.
    public var shareCount: Int

    /// Creates limits.
    public init(recordCount: Int = 100_000, byteCount: Int = 64 << 20, shareCount: Int = 4) {
        (self.recordCount, self.byteCount, self.shareCount) = (max(1, recordCount), byteCount, max(1, shareCount))
    }

    /// The limits of one client.
    package var share: (recordCount: Int, byteCount: Int) {
        (max(1, recordCount / shareCount), byteCount / shareCount)
    }

    /// What a record needs besides its texts and its body.
    package static let overhead = 256
}

/// The error of a store whose limits are used up by records that are not finished.
public struct IdempotencyStoreFull: Error, Hashable, CustomStringConvertible {
    /// Creates the error.
    public init() {}

    /// A message for logs.
    public var description: String { "the store of idempotency keys is full of requests that are running" }
}
