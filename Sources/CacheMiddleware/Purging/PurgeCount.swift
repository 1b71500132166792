import Synchronization

/// How many purges of one store have begun in this process, whether or not the store could be reached.
///
/// While a store cannot be reached its purge marks are unknown. The count of its purges is known at any time: when it has not
/// changed, this process has begun no purge since.
///
/// The store holds its count, so that it lives as long as the store.
package final class PurgeCount: Sendable {
    private struct Weak: Sendable {
        weak let count: PurgeCount?
    }

    /// The counts in use, by the identity of their store.
    private static let all = Mutex<[ObjectIdentifier: Weak]>([:])
    private let value = Atomic(0)

    private init() {}

    /// Returns the count of a store, which is one object for as long as any caller holds it.
    ///
    /// - Complexity: O(1), amortized.
    package static func of(_ store: AnyObject) -> PurgeCount {
        all.withLock { all in
            let identifier = ObjectIdentifier(store)
            if let count = all[identifier]?.count { return count }
            // As many are dropped as were added since the last time.
            if all.count == all.capacity { all = all.filter { $0.value.count != nil } }
            let count = PurgeCount()
            all[identifier] = Weak(count: count)
            return count
        }
    }

    /// The number of purges that have begun.
    package var current: Int { value.load(ordering: .acquiring) }

    /// Notes the beginning of a purge.
    package func add() { value.add(1, ordering: .acquiringAndReleasing) }
}
