import DequeModule
package import KeyConstructor
import Synchronization

/// The latest purges of a store, in the memory of the process. The store uses it to reject responses that began before a purge that
/// selects them.
///
/// A store appends a purge before it removes the selected entries, and checks the log under the lock under which it then inserts an
/// entry: either the check sees the purge, or the purge finds the entry.
///
/// Checking an entry takes one look-up for its key, one for its path and one for each of its tags, regardless of the number of
/// purges. If there were purges by prefix, it takes one more for each of the first segments of its path.
package final class PurgeLog: Sendable {
    fileprivate struct State {
        /// The numbers of the latest purges of selections. Only the latest purge of each counts.
        var latest: [PurgeSelection: UInt64] = [:]
        /// The selections of the purges since `floor`.
        var order: Deque<(selection: PurgeSelection, number: UInt64)> = []
        /// The bytes of text in `order`.
        var byteCount = 0
        /// The number of selections in `latest` that are prefixes.
        var prefixCount = 0
        /// The length of the longest prefix. It is reset only when no prefix is left.
        var longestPrefix = 0
        /// Responses that began before this number are refused: purges from that time are no longer recorded, or one selected
        /// everything.
        var floor: UInt64 = 0
    }

    private let capacity: Int
    private let byteLimit: Int
    private let count = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// Creates an empty log.
    ///
    /// - Parameters:
    ///   - capacity: The number of purges that are recorded; responses that began before the oldest of them are refused.
    ///   - byteLimit: The maximum number of bytes in their tags and paths.
    package init(capacity: Int = 4096, byteLimit: Int = 1 << 20) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    /// The current position in the order of purges.
    package var mark: PurgeMark {
        PurgeMark(rawValue: count.load(ordering: .acquiring))
    }

    /// Records a purge unless it selects nothing.
    ///
    /// - Parameter selection: The normalized selection.
    /// - Complexity: O(length of its tag or path), amortized.
    package func append(_ selection: PurgeSelection) {
        guard !selection.isEmpty else { return }
        state.withLock { state in
            let number = count.load(ordering: .relaxed)
            if case .everything = selection {
                state = State()
                state.floor = number + 1
            } else {
                state.append(selection, number: number)
                while state.order.count > capacity || state.byteCount > byteLimit { state.forgetFirst() }
            }
            count.store(number + 1, ordering: .releasing)
        }
    }

    /// Returns whether an entry whose computation began at `mark` was purged since then, or may have been.
    package func hasPurged(_ entry: CacheEntry, under key: CacheKey, since mark: PurgeMark?) -> Bool {
        guard let mark, mark.rawValue != count.load(ordering: .acquiring) else { return false }
        return state.withLock { state in
            // A mark of another store may be beyond the end.
            guard mark.rawValue >= state.floor, mark.rawValue <= count.load(ordering: .relaxed) else { return true }
            return state.hasPurged(entry, under: key, since: mark.rawValue)
        }
    }
}

extension PurgeLog.State {
    fileprivate mutating func append(_ selection: PurgeSelection, number: UInt64) {
        let isNew = latest.updateValue(number, forKey: selection) == nil
        order.append((selection, number))
        byteCount += selection.textByteCount
        if isNew, case .prefix(let path) = selection {
            prefixCount += 1
            longestPrefix = max(longestPrefix, path.utf8.count)
        }
    }

    fileprivate mutating func forgetFirst() {
        let (selection, number) = order.removeFirst()
        byteCount -= selection.textByteCount
        floor = number + 1
        if latest[selection] == number {
            latest[selection] = nil
            if case .prefix = selection { prefixCount -= 1 }
            if prefixCount == 0 { longestPrefix = 0 }
        }
    }

    fileprivate func hasPurged(_ entry: CacheEntry, under key: CacheKey, since mark: UInt64) -> Bool {
        func isPurged(_ selection: PurgeSelection) -> Bool { latest[selection].map { $0 >= mark } ?? false }
        if isPurged(.key(key)) || entry.tags.contains(where: { isPurged(.tag($0)) }) { return true }
        guard let path = entry.path else { return false }
        if isPurged(.url(path)) { return true }
        guard prefixCount > 0 else { return false }
        return path.purgePrefixes.contains { $0.utf8.count <= longestPrefix && isPurged(.prefix(String($0))) }
    }
}

extension PurgeSelection {
    /// The size of the tag or path in bytes. Lists of selections are bounded by it, because clients choose paths.
    package var textByteCount: Int {
        switch self {
        case .key, .everything: 0
        case .tag(let text), .url(let text), .prefix(let text): text.utf8.count
        }
    }
}
