public import Repositories

/// The right of a worker to carry out a part of a chunk, for a while.
public struct ChunkLease: Sendable, Hashable {
    /// The operation.
    public let operation: BulkOperation
    /// The number of the part in the operation.
    public let part: Int
    /// The fencing token: each lease of the part has a greater one.
    public let token: Int
    /// The number of this attempt, counted from 1.
    public let attempt: Int
    /// The indexes of the items in the operation.
    public let items: Range<Int>
    /// Whether the outcome was recorded by an earlier lease, so that only the invalidation and the acknowledgement are left.
    public let isRecorded: Bool
    /// Whether all attempts failed and the part has one item, which is to be recorded as failed.
    public let isHopeless: Bool

    /// Creates a lease.
    ///
    /// - Parameters:
    ///   - operation: The operation.
    ///   - part: The number of the part in the operation.
    ///   - token: The fencing token.
    ///   - attempt: The number of this attempt.
    ///   - state: What the queue knows about the part.
    public init(_ operation: BulkOperation, part: Int, token: Int, attempt: Int, _ state: State) {
        (self.operation, self.part, self.token, self.attempt) = (operation, part, token, attempt)
        (items, isRecorded, isHopeless) = (state.items, state.isRecorded, state.isHopeless)
    }

    /// The number of items.
    public var itemCount: Int { items.count }

    /// What a queue knows about a part when it leases it.
    public struct State: Sendable, Hashable {
        /// See ``ChunkLease/items``.
        public var items: Range<Int>
        /// See ``ChunkLease/isRecorded``.
        public var isRecorded = false
        /// See ``ChunkLease/isHopeless``.
        public var isHopeless = false

        /// Creates the state of a part that was never carried out.
        public init(items: Range<Int>) { self.items = items }
    }
}

/// What to do for a part of a chunk.
public struct ChunkWork: Sendable {
    /// The writes, in order. A failed row of one does not keep others from being written.
    public var writes: [RowWrite]
    /// Returns the outcome of the items from the results of the writes.
    public var outcome: @Sendable ([WriteResult]) -> ChunkOutcome

    /// Creates the work for a part.
    public init(_ writes: [RowWrite], outcome: @escaping @Sendable ([WriteResult]) -> ChunkOutcome) {
        (self.writes, self.outcome) = (writes, outcome)
    }
}

/// Which parts of an operation to read.
public struct PartQuery: Sendable, Hashable {
    /// The operation.
    public var id: OperationID
    /// The index of the first item of interest. Parts that end before it are left out.
    public var firstIndex = 0
    /// The maximum number of parts.
    public var limit = 1
    /// Whether only parts with failed items are read.
    public var hasFailures = false
    /// Whether the items themselves are read. Otherwise the chunks have no bytes.
    public var includesItems = false

    /// Creates a query for the first part.
    public init(of id: OperationID) { self.id = id }
}

/// A part of a chunk and what happened with it.
public struct PartRecord: Sendable, Hashable {
    /// The part.
    public var part: ChunkPart
    /// The outcome, or nil for a part that has not been carried out.
    public var outcome: ChunkOutcome?

    /// Creates a record.
    public init(_ part: ChunkPart, _ outcome: ChunkOutcome?) {
        (self.part, self.outcome) = (part, outcome)
    }
}
