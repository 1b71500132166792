public import Repositories

/// A durable queue of operations. It stores what arrives, leases chunks to workers, and records what happened.
///
/// The queue is in the database of the rows, so that the rows of a chunk, its outcome and its acknowledgement are one transaction: whatever
/// is killed, each item is carried out exactly once. `BulkQueueSuite` of `PipelineTesting` checks an implementation.
///
/// A chunk is leased for a time and with a token. A worker extends the lease while it works. If it stops doing so, the chunk is leased
/// again with another token, and what the first worker does afterwards changes nothing. A chunk whose attempts fail is halved, down to the
/// item that makes it fail. The first few leases that expire are no attempts: processes also end for other reasons.
public protocol BulkQueue: Sendable {
    /// Wakes the tasks of this process that wait for changes.
    var changes: OperationChanges { get }

    /// What the queue does with time.
    var settings: BulkQueueSettings { get }

    /// The number of rows of one write, unless ``Operations/Settings/batchItemCount`` has another. Between two writes the threads of
    /// requests can run.
    var batchItemCount: Int { get }

    // MARK: Submitting

    /// Adds an operation whose items are arriving. It does not exist for clients and workers until it is submitted.
    ///
    /// - Parameters:
    ///   - operation: The operation, in the state `uploading`.
    ///   - idempotencyKey: The key with which the client repeats the request, or nil.
    /// - Throws: ``QueueRefusal``, and the errors of the database.
    func open(_ operation: BulkOperation, idempotencyKey: String?) async throws

    /// Stores the next items of an operation that is uploading.
    ///
    /// - Throws: The errors of the database.
    func append(_ chunk: OperationChunk, to id: OperationID) async throws

    /// Ends the upload of an operation, whose chunks can be leased from now on.
    ///
    /// - Parameters:
    ///   - request: What was requested. It replaces the request of ``open(_:idempotencyKey:)``: some of it is known only after the upload.
    ///   - id: The operation.
    ///   - fingerprint: Identifies what was uploaded, for an operation with an idempotency key.
    /// - Returns: The operation, or an earlier one of the same user with the same key and fingerprint. Then this one is removed.
    /// - Throws: ``QueueRefusal/mismatch`` if the earlier one has another fingerprint, and the errors of the database.
    func submit(_ request: OperationRequest, as id: OperationID, fingerprint: String?) async throws -> BulkOperation

    /// Removes an operation that is uploading.
    ///
    /// - Throws: The errors of the database.
    func discard(_ id: OperationID) async throws

    // MARK: Working

    /// Leases the next part of a chunk: of small operations before that of large ones, of users in turn, and now and then of the oldest
    /// operation, so that none starves.
    ///
    /// - Parameters:
    ///   - worker: The name of the worker.
    ///   - resources: The names of the resources that the worker knows.
    /// - Returns: The lease, or nil if there is nothing to do.
    /// - Throws: The errors of the database.
    func lease(by worker: String, of resources: Set<String>) async throws -> ChunkLease?

    /// Extends a lease by the time for which it was given.
    ///
    /// - Returns: Whether the worker still has it.
    /// - Throws: The errors of the database.
    func extend(_ lease: ChunkLease) async throws -> Bool

    /// Carries out the items of a lease and records their outcome in one transaction.
    ///
    /// - Parameters:
    ///   - lease: The lease. For an operation in one transaction it is for all chunks.
    ///   - repository: The rows.
    ///   - work: Returns what to write for each part, in order.
    /// - Returns: Whether the outcome was recorded. If the worker has lost the lease or the operation was cancelled, nothing was written.
    /// - Throws: The errors of the database and of `work`. Then nothing was written.
    func carryOut(
        _ lease: ChunkLease, on repository: any Repository, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> Bool

    /// Ends a lease whose outcome was recorded and whose cached responses were invalidated. The last one ends the operation.
    ///
    /// - Throws: The errors of the database.
    func acknowledge(_ lease: ChunkLease) async throws

    /// Ends a lease that failed. The part is leased again after a while, or in halves.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - error: Why it failed. If the database as a whole fails, for example because its disk is full, this is no attempt: the items are
    ///     not the cause. Neither is a lost connection, unless the part has lost 20 of them.
    /// - Throws: The errors of the database.
    func retry(_ lease: ChunkLease, after error: any Error) async throws

    // MARK: Reading

    /// Returns an operation that was submitted and has not expired.
    ///
    /// - Throws: The errors of the database.
    func operation(_ id: OperationID) async throws -> BulkOperation?

    /// Returns the operations of a user, latest first.
    ///
    /// - Parameters:
    ///   - userID: The user.
    ///   - state: The state of the operations, or nil for any.
    ///   - id: The operation before which the others were accepted, or nil for the first ones.
    ///   - limit: The maximum number of operations.
    /// - Returns: The operations.
    /// - Returns: The operations.
    /// - Throws: The errors of the database.
    func operations(
        of userID: String, state: BulkOperation.State?, before id: OperationID?, limit: Int
    ) async throws -> [BulkOperation]

    /// Returns whether the queue can carry out operations on a repository.
    func accepts(_ repository: any Repository) -> Bool

    /// Returns what happened with parts of an operation, in the order of the items.
    ///
    /// - Throws: The errors of the database.
    func parts(_ query: PartQuery) async throws -> [PartRecord]

    /// Returns the number of parts that are ready or leased, for metrics.
    ///
    /// - Throws: The errors of the database.
    func depth() async throws -> Int

    /// Updates what the database knows about the sizes of tables and indexes, after many rows were written.
    ///
    /// - Throws: The errors of the database.
    func optimize(_ repository: any Repository) async throws

    /// Cancels an operation. What was written stays.
    ///
    /// - Returns: The operation, or nil if there is none. Its state is final if it had ended before or no chunk is leased.
    /// - Throws: The errors of the database.
    func cancel(_ id: OperationID) async throws -> BulkOperation?

    /// Removes operations that ended longer ago than they are kept, and uploads that broke off.
    ///
    /// - Returns: The number of removed operations.
    /// - Throws: The errors of the database.
    @discardableResult
    func removeExpired() async throws -> Int
}

/// Why a queue refused an operation.
public enum QueueRefusal: Error, Sendable, Hashable {
    /// An upload with the same idempotency key has not ended, and has stored a chunk within the last minute.
    case uploading
    /// An operation with the same idempotency key has another fingerprint.
    case mismatch
    /// The upload has taken too long, and was removed.
    case uploadEnded
    /// The user has too many operations that have not ended.
    case tooManyOperations(maximum: Int)
    /// The stored items of the user have too many bytes.
    case tooManyBytes(maximum: Int)
}

/// How long a queue keeps what, and how much.
public struct BulkQueueSettings: Sendable, Hashable {
    /// The time for which a chunk is leased. Workers extend it each third of that time.
    public var leaseDuration = Duration.seconds(30)
    /// The number of attempts after which a chunk is halved.
    public var maximumAttemptCount = 2
    /// The time before the second attempt. Each further one doubles it, up to one minute.
    public var retryDelay = Duration.milliseconds(500)
    /// The time for which operations are kept after their end: django-drf-extensions' `DRF_EXT_CACHE_TIMEOUT`.
    public var retention = Duration.seconds(86_400)
    /// The time after which an upload that has not ended is removed.
    public var uploadTimeout = Duration.seconds(3600)
    /// The maximum number of operations of one user that have not ended.
    public var maximumOperationCount = 100
    /// The maximum number of bytes of one user's items that are stored, also of operations that have ended and are kept. One chunk may
    /// exceed it.
    public var maximumByteCount = 4 << 30

    /// Whether parts of small operations are leased before those of large ones: django-drf-extensions' `DRF_EXT_USE_OPTIMIZED_TASKS`.
    /// Otherwise the operations of users take turns, whatever their size.
    public var prefersSmallOperations = true

    /// Creates the recommended settings.
    public init() {}
}
