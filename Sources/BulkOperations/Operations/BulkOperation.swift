public import HTTPSemantics

/// An operation in a queue: what was requested and how far it is.
public struct BulkOperation: Sendable, Hashable {
    /// The states of an operation.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// The items are arriving. The operation does not exist for clients yet.
        case uploading
        /// No chunk has been leased.
        case queued
        /// Chunks are being carried out.
        case running
        /// The operation was cancelled, and the last leased chunk has not ended.
        case cancelling
        /// All chunks have ended.
        case completed
        /// The operation ended before all chunks were carried out, or nothing was written.
        case failed
        /// The operation was cancelled. What was written before stays.
        case cancelled

        /// Whether the state is final.
        public var isFinal: Bool { [.completed, .failed, .cancelled].contains(self) }
    }

    /// Why an operation failed.
    public enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
        /// More items failed than the request permits.
        case tooManyErrors = "too_many_errors"
        /// An item failed, and the operation is atomic.
        case atomic
        /// The database failed repeatedly.
        case database
    }

    /// The numbers of items.
    public struct Counts: Sendable, Hashable {
        /// All items.
        public var total = 0
        /// Added rows.
        public var created = 0
        /// Updated and replaced rows.
        public var updated = 0
        /// Rows that had all values already.
        public var unchanged = 0
        /// Removed rows.
        public var deleted = 0
        /// Rows that were read.
        public var read = 0
        /// Failed items.
        public var failed = 0

        /// Creates counts of nothing.
        public init() {}

        /// The items that succeeded.
        public var succeeded: Int { created + updated + unchanged + deleted + read }
        /// The items that succeeded or failed.
        public var processed: Int { succeeded + failed }
    }

    /// The identifier.
    public let id: OperationID
    /// What was requested.
    public let request: OperationRequest
    /// The state.
    public var state: State
    /// Why the operation failed.
    public var reason: Reason?
    /// The numbers of items.
    public var counts = Counts()
    /// The number of changes so far, which is the identifier of the last event.
    public var revision = 0
    /// Whether a chunk is waiting for another attempt.
    public var isRetrying = false
    /// When the operation was accepted.
    public var createdAt: Timestamp
    /// When the first chunk was leased.
    public var startedAt: Timestamp?
    /// When the operation ended.
    public var finishedAt: Timestamp?

    /// Creates an operation.
    public init(_ id: OperationID, _ request: OperationRequest, state: State = .uploading, createdAt: Timestamp) {
        (self.id, self.request, self.state, self.createdAt) = (id, request, state, createdAt)
    }
}
