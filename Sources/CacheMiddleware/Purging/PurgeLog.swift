package import KeyConstructor
import Synchronization

/// The latest purges of a store in the memory of the process, by which it keeps out answers that began before one of them.
///
/// A store appends a purge before it removes what the purge selects, and asks for purges under the lock under which it then
/// inserts: either the purge is seen, or it finds the entry.
///
/// Whether an entry was purged takes one look-up for its key, one for its URL and one for each of its tags, however many purges
/// there were, and one for each path above its URL when there were purges by prefix.
package final class PurgeLog: Sendable {
    fileprivate struct State {
        /// The numbers of the latest purges of selections. Only the latest purge of each counts.
        var latest: [PurgeSelection: UInt64] = [:]
        /// The selections of the purges since `floor`, a queue whose first element has the index `first`.
        var order: [(selection: PurgeSelection, number: UInt64)] = []
        var first = 0
        /// The bytes of text in `order`.
        var byteCount = 0
        /// The paths of `latest`'s prefixes.
        var prefixes: Set<String> = []
        /// What began before this number is refused: purges of that time are forgotten, or one was for everything.
        var floor: UInt64 = 0
    }

    private let capacity: Int
    private let byteLimit: Int
    private let count = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// Creates an empty log.
    ///
    /// - Parameters:
    ///   - capacity: The number of purges that are remembered; what began before them is refused.
    ///   - byteLimit: The number of bytes that their tags and URLs have at most.
    package init(capacity: Int = 4096, byteLimit: Int = 1 << 20) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    /// The present place in the order of purges.
    package var mark: PurgeMark {
        PurgeMark(rawValue: count.load(ordering: .acquiring))
    }

    /// Writes a purge down. O(1), amortized.
    package func append(_ selection: PurgeSelection) {
        state.withLock { state in
            let number = count.load(ordering: .relaxed)
            if case .everything = selection {
                state = State()
                state.floor = number + 1
            } else {
                state.append(selection, number: number)
                while state.order.count - state.first > capacity || state.byteCount > byteLimit { state.forgetFirst() }
            }
            count.store(number + 1, ordering: .releasing)
        }
    }

    /// Whether an entry that began to be made at `mark` was purged since, or may have been.
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
        latest[selection] = number
        order.append((selection, number))
        byteCount += selection.textByteCount
        if case .prefix(let path) = selection { prefixes.insert(path) }
    }

    fileprivate mutating func forgetFirst() {
        let (selection, number) = order[first]
        first += 1
        byteCount -= selection.textByteCount
        floor = number + 1
        if latest[selection] == number {
            latest[selection] = nil
            if case .prefix(let path) = selection { prefixes.remove(path) }
        }
        // The part before the first is given back once it is the larger one.
        if first > 64, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }

    fileprivate func hasPurged(_ entry: CacheEntry, under key: CacheKey, since mark: UInt64) -> Bool {
        func isPurged(_ selection: PurgeSelection) -> Bool { latest[selection].map { $0 >= mark } ?? false }
        if isPurged(.key(key)) || entry.tags.contains(where: { isPurged(.tag($0)) }) { return true }
        guard let url = entry.path else { return false }
        if isPurged(.url(url)) { return true }
        guard !prefixes.isEmpty else { return false }
        let bytes = url.utf8
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") || bytes[$0] == UInt8(ascii: "?") }
        // Whichever are fewer: the paths that were purged, or those above the URL.
        if prefixes.count <= ends.count {
            return prefixes.contains {
                isPurged(.prefix($0)) && PurgeSelection.prefix($0).selects(entry, under: key)
            }
        }
        return isPurged(.prefix(url)) || isPurged(.prefix("/"))
            || ends.contains { isPurged(.prefix(String(url[..<$0]))) }
    }
}

extension PurgeSelection {
    /// The size of the text that tells what to select.
    fileprivate var textByteCount: Int {
        switch self {
        case .key, .everything: 0
        case .tag(let text), .url(let text), .prefix(let text): text.utf8.count
        }
    }
}
