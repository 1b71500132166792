public import CacheMiddleware
public import KeyConstructor
import Synchronization

/// A store that keeps everything for ever and writes down what it was asked, for tests of what uses a store.
///
/// It keeps no time: an entry that has expired is still returned.
public final class RecordingStore: LockingCacheStore {
    /// One operation of a store.
    public enum Operation: Sendable, Hashable {
        /// A look-up, and whether it found an entry.
        case read(CacheKey, found: Bool)
        /// A write, and whether a purge kept it out.
        case write(CacheKey, kept: Bool)
        /// A purge.
        case purge(PurgeSelection, PurgeMode)
    }

    private let state = Mutex<(entries: [CacheKey: CacheEntry], operations: [Operation])>(([:], []))
    private let log = PurgeLog()
    private let locks = Mutex<[CacheKey: String]>([:])

    /// True: it answers at once, so a cache does not ask it with a time-out.
    public var isInProcess: Bool { true }

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

    /// The number of purges so far.
    public func purgeMark() async -> PurgeMark { log.mark }

    /// Keeps `entry`.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async -> Bool {
        state.withLock { state in
            guard !log.hasPurged(entry, under: key, since: mark) else {
                state.operations.append(.write(key, kept: false))
                return false
            }
            state.entries[key] = entry
            state.operations.append(.write(key, kept: true))
            return true
        }
    }

    /// Forgets the selected entries, or makes them stale from the moment on at which they were stored.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async -> Int? {
        let selection = selection.normalized
        log.append(selection)
        return state.withLock { state in
            state.operations.append(.purge(selection, mode))
            let selected = state.entries.filter { selection.selects($0.value, under: $0.key) }
            for (key, var entry) in selected {
                entry.makeStale(at: entry.storedAt)
                state.entries[key] = mode == .hard ? nil : entry
            }
            return selected.count
        }
    }

    /// Takes a lock. It keeps no time: a lock ends when it is given back.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> Bool {
        locks.withLock { locks in
            guard locks[key] == nil else { return false }
            locks[key] = owner
            return true
        }
    }

    /// Gives a lock back, if the owner has it.
    public func releaseLock(for key: CacheKey, owner: String) async {
        locks.withLock { locks in
            if locks[key] == owner { locks[key] = nil }
        }
    }
}
