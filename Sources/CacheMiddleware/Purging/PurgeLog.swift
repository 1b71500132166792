package import KeyConstructor
import Synchronization

/// The latest purges of a store in the memory of the process, by which it keeps out answers that began before one of them.
///
/// A store appends a purge before it removes what the purge selects, and asks for purges under the lock under which it then
/// inserts: either the purge is seen, or it finds the entry.
package final class PurgeLog: Sendable {
    private struct State {
        /// The latest selections as a ring; the purge that made the mark `n` stands at `n % capacity`.
        var selections: [PurgeSelection] = []
    }

    private let capacity: Int
    private let count = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// Creates an empty log.
    ///
    /// - Parameter capacity: The number of purges that are remembered; what began before them is refused.
    package init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    /// The present place in the order of purges.
    package var mark: PurgeMark {
        PurgeMark(rawValue: count.load(ordering: .acquiring))
    }

    /// Writes a purge down.
    package func append(_ selection: PurgeSelection) {
        state.withLock { state in
            let number = count.load(ordering: .relaxed)
            if state.selections.count < capacity {
                state.selections.append(selection)
            } else {
                state.selections[Int(number % UInt64(capacity))] = selection
            }
            count.store(number + 1, ordering: .releasing)
        }
    }

    /// Whether an entry that began to be made at `mark` was purged since, or may have been.
    package func hasPurged(_ entry: CacheEntry, under key: CacheKey, since mark: PurgeMark?) -> Bool {
        guard let mark, mark.rawValue != count.load(ordering: .acquiring) else { return false }
        return state.withLock { state in
            let end = count.load(ordering: .relaxed)
            guard mark.rawValue <= end, end - mark.rawValue <= UInt64(capacity) else { return true }
            return (mark.rawValue..<end).contains { number in
                state.selections[Int(number % UInt64(capacity))].selects(entry, under: key)
            }
        }
    }
}
