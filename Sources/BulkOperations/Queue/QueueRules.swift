/// What the queues of all databases have in common: which chunk is next, and for how long an upload keeps its key.
package enum QueueRules {
    /// One lease in this many takes the oldest operation, however large it is.
    package static let agingInterval = 8

    /// The maximum number of expired leases that are ended at once.
    package static let expiredCount = 50

    /// The time without a chunk after which an upload no longer keeps another one with its idempotency key from beginning: its process may
    /// have been killed. If both end, the second one has the operation of the first.
    package static let uploadPause = Duration.seconds(60)

    /// Returns the priority of an operation with a number of items. Lower ones come first.
    package static func priority(itemCount: Int) -> Int {
        itemCount <= 1000 ? 0 : itemCount <= 100_000 ? 1 : 2
    }
}

/// The error for tables that a later version of the library has made.
package struct UnknownTableVersion: Error, CustomStringConvertible {
    private let component: String
    private let found: Int
    private let known: Int

    /// Creates the error.
    package init(component: String, found: Int, known: Int) {
        (self.component, self.found, self.known) = (component, found, known)
    }

    /// A message for logs.
    package var description: String {
        "the tables of the \(component) have version \(found), and this version of the library knows \(known)"
    }
}

extension Duration {
    /// The duration in nanoseconds.
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
