public import CacheMiddleware
public import KeyConstructor
import Synchronization

/// A store that keeps everything for ever and writes down what it was asked, for tests of what uses a store.
///
/// It keeps no time: an entry that has expired is still returned.
public final class RecordingStore: CacheStore {
    /// One operation of a store.
    public enum Operation: Sendable, Hashable {
        /// A look-up, and whether it found an entry.
        case read(CacheKey, found: Bool)
        /// A write.
        case write(CacheKey)
        /// The removal of one entry.
        case remove(CacheKey)
        /// The removal of all entries.
        case removeAll
    }

    private let state = Mutex<(entries: [CacheKey: CacheEntry], operations: [Operation])>(([:], []))

    /// Creates an empty store.
    public init() {}

    /// What the store was asked, in order.
    public var operations: [Operation] { state.withLock { $0.operations } }

    /// What the store holds.
    public var entries: [CacheKey: CacheEntry] { state.withLock { $0.entries } }

    /// The entry under `key`.
    public func entry(for key: CacheKey) async -> CacheEntry? {
        state.withLock { state in
            let entry = state.entries[key]
            state.operations.append(.read(key, found: entry != nil))
            return entry
        }
    }

    /// Keeps `entry`.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey) async -> Bool {
        state.withLock { state in
            state.entries[key] = entry
            state.operations.append(.write(key))
            return true
        }
    }

    /// Forgets the entry under `key`.
    public func removeEntry(for key: CacheKey) async {
        state.withLock { state in
            state.entries[key] = nil
            state.operations.append(.remove(key))
        }
    }

    /// Forgets every entry.
    public func removeAll() async {
        state.withLock { state in
            state.entries = [:]
            state.operations.append(.removeAll)
        }
    }
}
