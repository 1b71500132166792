import CacheMiddleware
import Synchronization

/// Purges that the server did not get, or may not have got. They are made before the store does anything else.
///
/// So a purge is not lost because the server was away for a while, as long as the instance lives that asked for it.
final class PurgeBacklog: Sendable {
    /// A purge.
    struct Item: Hashable {
        let selection: PurgeSelection
        let mode: PurgeMode
    }

    /// How many are remembered. When there are more, everything is purged instead.
    static let limit = 1024
    /// The number of bytes that their tags and URLs have at most. When there are more, everything is purged instead.
    static let byteLimit = 1 << 20

    private struct State {
        /// With the number of the latest time that each was asked for.
        var items: [Item: Int] = [:]
        var count = 0
        /// The bytes of text in `items`.
        var byteCount = 0
        /// Whether a task tries them again and again.
        var isRetrying = false
    }

    private let state = Mutex(State())
    private let isEmptyHint = Atomic(true)

    /// Whether there is nothing to do: nearly always, and found out without a lock.
    var isEmpty: Bool { isEmptyHint.load(ordering: .acquiring) }

    /// All that have to be made, with numbers by which they are removed.
    var all: [Item: Int] { state.withLock { $0.items } }

    /// Remembers a purge.
    ///
    /// - Returns: Whether the caller has to start a task that tries again until ``isRetryDone()``: no other does.
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

    /// Whether the task that tries again is done: nothing is left, and what is added from now on starts another task.
    func isRetryDone() -> Bool {
        state.withLock { state in
            if state.items.isEmpty { state.isRetrying = false }
            return !state.isRetrying
        }
    }

    /// Forgets purges that were made, unless they were asked for again meanwhile.
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
