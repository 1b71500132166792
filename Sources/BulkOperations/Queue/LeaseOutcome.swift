package import NIOCore

/// The outcomes of the parts of a lease, as a queue stores them in the transaction of the rows.
package struct LeaseOutcome: Sendable {
    /// The outcome of a part, encoded.
    package struct Stored: Sendable {
        /// The number of the part.
        package let part: Int
        /// The number of items that failed.
        package let failureCount: Int
        /// The outcome.
        package let bytes: ByteBuffer
    }

    private let request: OperationRequest
    /// The numbers of items so far.
    private(set) package var counts = BulkOperation.Counts()
    /// The outcomes of parts whose rows may not stay, without the keys of these rows, which mean nothing then.
    private var undone: [Stored] = []

    /// Creates the outcome of no parts.
    package init(of request: OperationRequest) { self.request = request }

    /// Whether one failed item keeps all items from being written.
    package var isRefused: Bool { request.isAtomic && counts.failed > 0 }

    /// Whether nothing of what was written stays.
    package var isUndone: Bool { request.isDryRun || isRefused }

    /// Whether more items failed than the request permits.
    package var hasTooManyErrors: Bool { counts.failed > request.maximumErrorCount ?? .max }

    /// Adds the outcome of a part.
    ///
    /// - Returns: What to store beside the rows, so that both are undone together, or nil.
    /// - Throws: The errors of the encoder.
    package mutating func add(_ outcome: ChunkOutcome, of part: Int) throws -> Stored? {
        outcome.add(to: &counts)
        let failureCount = outcome.failures.count
        let stored =
            isUndone ? nil : Stored(part: part, failureCount: failureCount, bytes: try outcome.encoded())
        if request.isOneTransaction {
            var outcome = outcome
            outcome.successes = []
            undone.append(Stored(part: part, failureCount: failureCount, bytes: try outcome.encoded()))
        }
        return stored
    }

    /// What to store after the rows were written or undone.
    package var remaining: [Stored] { isUndone ? undone : [] }

    /// The numbers of items to add to those of the operation.
    package var finalCounts: BulkOperation.Counts {
        guard isRefused else { return counts }
        var refused = BulkOperation.Counts()
        refused.failed = counts.failed
        return refused
    }
}
