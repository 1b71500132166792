/// A lease that ends without an outcome: what happens with its part.
package struct EndedLease: Sendable {
    /// Why a lease ends without an outcome.
    package enum Cause: Sendable {
        /// The items, as far as it is known.
        case items
        /// The database fails whatever the items are.
        case database
        /// The worker has stopped.
        case expiry
    }

    /// What happens with the part.
    package enum Step: Sendable, Hashable {
        /// It is leased again after a number of nanoseconds.
        case wait(nanoseconds: Int64)
        /// It becomes two parts, which are leased as new ones.
        case halve
        /// It is not carried out. With a reason, the operation has failed.
        case skip(BulkOperation.Reason?)
    }

    /// The number of leases of a part that may expire before expired leases count as attempts.
    private static let forgivenCount = 3
    /// The same for operations in one transaction, which take longer and are not halved.
    private static let forgivenTransactionCount = 20

    /// The number of attempts, without those that are forgiven.
    package private(set) var attempts: Int
    /// The number of leases that have expired.
    package private(set) var expiries: Int
    /// Whether the lease was no attempt: the database failed, or the worker stopped. A part whose workers stop again and again may be what
    /// ends the processes.
    package let isForgiven: Bool

    private let itemCount: Int
    private let cause: Cause
    private let operation: BulkOperation

    /// Creates the end of a lease.
    ///
    /// - Parameters:
    ///   - operation: The operation of the part.
    ///   - cause: Why the lease ends.
    ///   - attempts: The number of attempts with this one.
    ///   - expiries: The number of leases of the part that had expired before.
    ///   - itemCount: The number of items of the part.
    package init(_ operation: BulkOperation, after cause: Cause, attempts: Int, expiries: Int, itemCount: Int) {
        let maximum = operation.request.isOneTransaction ? Self.forgivenTransactionCount : Self.forgivenCount
        isForgiven = cause == .database || cause == .expiry && expiries < maximum
        self.attempts = isForgiven ? attempts - 1 : attempts
        self.expiries = isForgiven && cause == .expiry ? expiries + 1 : expiries
        (self.itemCount, self.cause, self.operation) = (itemCount, cause, operation)
    }

    /// Returns what happens with the part.
    package func step(_ settings: BulkQueueSettings) -> Step {
        guard ![.cancelling, .cancelled, .failed].contains(operation.state) else { return .skip(nil) }
        let doublings = cause == .database ? 3 : min(max(attempts - 1, 0), 10)
        if attempts < settings.maximumAttemptCount {
            return .wait(nanoseconds: min(60_000_000_000, settings.retryDelay.nanoseconds << doublings))
        }
        if operation.request.isOneTransaction || attempts > settings.maximumAttemptCount { return .skip(.database) }
        // The last item once more, to record its failure.
        return itemCount > 1 ? .halve : .wait(nanoseconds: 0)
    }
}

extension BulkOperation {
    /// Whether the operation ends because more items failed than the request permits. Operations in one transaction end by themselves.
    package var hasTooManyErrors: Bool {
        guard let maximum = request.maximumErrorCount, state == .running, !request.isOneTransaction else {
            return false
        }
        return counts.failed > maximum
    }
}
