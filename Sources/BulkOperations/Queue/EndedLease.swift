/// A lease that ends without an outcome: what happens with its part.
package struct EndedLease: Sendable {
    /// Why a lease ends without an outcome.
    package enum Cause: Sendable {
        /// The items, as far as it is known.
        case items
        /// The database as a whole, whatever the items are: this is never an attempt.
        case database
        /// The connection or the transaction: of a failing database, or of items that make it fail each time.
        case interruption
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

    /// A part when its lease ends.
    package struct Part: Sendable {
        /// The number of attempts with this one.
        package var attempts: Int
        /// The number of leases that had expired before and were forgiven.
        package var expiries: Int
        /// The number of leases that had been interrupted before and were forgiven.
        package var interruptions: Int
        /// The number of items.
        package var itemCount: Int

        /// Creates a part.
        package init(attempts: Int, expiries: Int, interruptions: Int, itemCount: Int) {
            (self.attempts, self.expiries) = (attempts, expiries)
            (self.interruptions, self.itemCount) = (interruptions, itemCount)
        }
    }

    /// The number of leases of a part that may expire before expired leases count as attempts.
    private static let forgivenCount = 3
    /// The same for operations in one transaction, which take longer and are not halved.
    private static let forgivenTransactionCount = 20
    /// The number of leases of a part that may be interrupted before interruptions count as attempts.
    private static let forgivenInterruptionCount = 20

    /// The number of attempts, without those that are forgiven.
    package var attempts: Int { part.attempts }
    /// The number of expired leases that were forgiven.
    package var expiries: Int { part.expiries }
    /// The number of interruptions that were forgiven.
    package var interruptions: Int { part.interruptions }
    /// What happens with the part.
    package let step: Step

    /// The part after the lease.
    private let part: Part

    /// Creates the end of a lease.
    ///
    /// A lease is no attempt if the database fails as a whole, or if the worker stopped or was interrupted: others cause that too. A part to
    /// which it happens again and again may be what ends the processes or the connections.
    ///
    /// - Parameters:
    ///   - operation: The operation of the part.
    ///   - cause: Why the lease ends.
    ///   - part: The part.
    ///   - settings: The settings of the queue.
    package init(_ operation: BulkOperation, after cause: Cause, of part: Part, _ settings: BulkQueueSettings) {
        let isOneTransaction = operation.request.isOneTransaction
        // The last attempt writes no rows and only records that the item failed. It has as many interruptions for itself.
        let isLast = part.attempts > settings.maximumAttemptCount
        let isForgiven =
            switch cause {
            case .items: false
            case .database: true
            case .interruption: part.interruptions < Self.forgivenInterruptionCount * (isLast ? 2 : 1)
            case .expiry: part.expiries < (isOneTransaction ? Self.forgivenTransactionCount : Self.forgivenCount)
            }
        var next = part
        if isForgiven {
            next.attempts -= 1
            if cause == .expiry { next.expiries += 1 }
            if cause == .interruption { next.interruptions += 1 }
        }
        self.part = next
        if [.cancelling, .cancelled, .failed].contains(operation.state) {
            step = .skip(nil)
        } else if isForgiven || next.attempts < settings.maximumAttemptCount {
            let isLate = cause == .database || cause == .interruption
            let doublings = isLate ? 3 : min(max(next.attempts - 1, 0), 10)
            step = .wait(nanoseconds: min(60_000_000_000, settings.retryDelay.nanoseconds << doublings))
        } else if isOneTransaction || isLast {
            step = .skip(.database)
        } else {
            // The last item once more, to record its failure.
            step = next.itemCount > 1 ? .halve : .wait(nanoseconds: 0)
        }
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
