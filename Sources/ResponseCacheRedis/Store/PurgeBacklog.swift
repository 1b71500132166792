import CacheMiddleware
import Synchronization

/// Purges that have failed. They are retried, and applied before any other operation of the store.
///
/// A purge thus survives an outage of the server, as long as the instance that requested it runs.
final class PurgeBacklog: Sendable {
    /// A failed purge.
    struct Item: Hashable {
        let selection: PurgeSelection
        let mode: PurgeMode
    }

    /// The maximum number of purges. If there are more, a purge of everything replaces them.
    static let limit = 1024
    /// The maximum size of their tags and URLs in bytes. If they are larger, a purge of everything replaces them.
    static let byteLimit = 1 << 20

    private struct State {
        /// The purges, with the number of the latest request for each.
        var items: [Item: Int] = [:]
        var count = 0
        /// The bytes of text in `items`.
        var byteCount = 0
        /// Whether a task retries them.
        var isRetrying = false
    }

    private let state = Mutex(State())
    private let isEmptyHint = Atomic(true)

    /// Whether there are no failed purges. Takes no lock.
    var isEmpty: Bool { isEmptyHint.load(ordering: .acquiring) }

    /// The failed purges, with the numbers that ``remove(_:)`` compares.
    var all: [Item: Int] { state.withLock { $0.items } }

    /// Adds a failed purge.
    ///
    /// - Returns: Whether the caller must start a task that retries until ``isRetryDone()``, because none is running.
    func add(_ item: Item) -> Bool {
        state.withLock { state in
            state.count += 1
            if state.items.updateValue(state.count, forKey: item) == nil {
                state.byteCount += item.selection.textByteCount
            }
            if state.items.count > Self.limit || state.byteCount > Self.byteLimit {
                state.items = [Item(selection: .everything, mode: .hard): state.count]
                state.byteCount = 0
            }
            isEmptyHint.store(false, ordering: .releasing)
            defer { state.isRetrying = true }
            return !state.isRetrying
        }
    }

    /// Returns whether the retrying task may end, because no purges are left. The next purge starts another task.
    func isRetryDone() -> Bool {
        state.withLock { state in
            if state.items.isEmpty { state.isRetrying = false }
            return !state.isRetrying
        }
    }

    /// Removes purges that have succeeded, unless they were requested again meanwhile.
    func remove(_ made: [Item: Int]) {
        state.withLock { state in
            for (item, number) in made where state.items[item] == number {
                state.items[item] = nil
                state.byteCount -= item.selection.textByteCount
            }
            isEmptyHint.store(state.items.isEmpty, ordering: .releasing)
        }
    }
}

extension PurgeSelection {
    /// The size of the selection's tag or URL in bytes. Queues of selections are bounded by it, because clients choose URLs.
    var textByteCount: Int {
        switch self {
        case .key, .everything: 0
        case .tag(let text), .url(let text), .prefix(let text): text.utf8.count
        }
    }
}
