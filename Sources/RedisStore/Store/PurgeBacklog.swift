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

    private struct State {
        /// With the number of the latest time that each was asked for.
        var items: [Item: Int] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let isEmptyHint = Atomic(true)

    /// Whether there is nothing to do: nearly always, and found out without a lock.
    var isEmpty: Bool { isEmptyHint.load(ordering: .acquiring) }

    /// All that have to be made, with numbers by which they are removed.
    var all: [Item: Int] { state.withLock { $0.items } }

    /// Remembers a purge.
    func add(_ item: Item) {
        state.withLock { state in
            state.count += 1
            state.items[item] = state.count
            if state.items.count > Self.limit {
                state.items = [Item(selection: .everything, mode: .hard): state.count]
            }
            isEmptyHint.store(false, ordering: .releasing)
        }
    }

    /// Forgets purges that were made, unless they were asked for again meanwhile.
    func remove(_ made: [Item: Int]) {
        state.withLock { state in
            for (item, number) in made where state.items[item] == number { state.items[item] = nil }
            isEmptyHint.store(state.items.isEmpty, ordering: .releasing)
        }
    }
}
