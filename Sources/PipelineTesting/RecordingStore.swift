public import CacheMiddleware
public import KeyConstructor
import Synchronization

/// A store that keeps all entries forever and records its operations, for tests of code that uses a store.
///
/// It has no clock, so it still returns an entry that has expired.
public final class RecordingStore: LockingCacheStore {
    /// An operation of a store.
    public enum Operation: Sendable, Hashable {
        /// A lookup, and whether it found an entry.
        case read(CacheKey, found: Bool)
        /// A write, and whether the entry was kept or rejected because of a purge.
        case write(CacheKey, kept: Bool)
        /// A purge with its selection and mode.
        case purge(PurgeSelection, PurgeMode)
    }

    private let state = Mutex<(entries: [CacheKey: CacheEntry], operations: [Operation])>(([:], []))
    private let log = PurgeLog()
    private let locks = Mutex<[CacheKey: String]>([:])

    /// Whether the store runs in this process: true, so a cache uses it without a timeout.
    public var isInProcess: Bool { true }

    /// Creates an empty store.
    public init() {}

    /// The operations of the store, in order.
    public var operations: [Operation] { state.withLock { $0.operations } }

    /// The entries of the store.
    public var entries: [CacheKey: CacheEntry] { state.withLock { $0.entries } }

    /// Returns the entry under `key`, even if it has expired.
    public func entry(for key: CacheKey) async -> CacheEntry? {
        state.withLock { state in
            let entry = state.entries[key]
            state.operations.append(.read(key, found: entry != nil))
            return entry
        }
    }

    /// Returns a mark for the number of purges so far.
    public func purgeMark() async -> PurgeMark { log.mark }

    /// Stores `entry` unless a purge since `mark` selects it.
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

    /// Removes the selected entries, or makes them stale from the time at which they were stored.
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

    /// Acquires a lock. The store has no clock, so a lock ends only when its owner releases it.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> Bool {
        locks.withLock { locks in
            guard locks[key] == nil else { return false }
            locks[key] = owner
            return true
        }
    }

    /// Releases a lock if `owner` holds it.
    public func releaseLock(for key: CacheKey, owner: String) async {
        locks.withLock { locks in
            if locks[key] == owner { locks[key] = nil }
        }
    }
}
