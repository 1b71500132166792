import KeyConstructor
import Synchronization

/// A part of a ``MemoryStore``'s table, behind a lock that is held for as long as it takes to find an entry.
///
/// A look-up takes no other lock. Whoever changes the table holds the lock of the shard that the stripe belongs to as well, and
/// takes it first.
final class MemoryStoreStripe: Sendable {
    private struct State {
        var table = EntryTable()
        var hits = 0
        var misses = 0
    }

    private let hasher: KeyHasher
    private let state = Mutex(State())
    /// Keeps the next stripe's lock off this one's cache line, so that threads which read different stripes share nothing.
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)

    init(hasher: KeyHasher) {
        self.hasher = hasher
    }

    /// How many look-ups found an entry, and how many found none.
    var lookUps: (hits: Int, misses: Int) {
        state.withLock { ($0.hits, $0.misses) }
    }

    /// The entry under a key, which counts as a look-up.
    @inline(__always)
    func lookUp(_ key: CacheKey, hash: UInt64) -> StoredEntry? {
        state.withLock { state in
            let stored = state.table.stored(for: key, hash: hash)
            if stored == nil { state.misses &+= 1 } else { state.hits &+= 1 }
            return stored
        }
    }

    /// Counts a look-up as a miss that was counted as a hit: what it found had expired.
    func correctHit() {
        state.withLock { state in
            state.hits -= 1
            state.misses += 1
        }
    }

    func position(of key: CacheKey, hash: UInt64) -> UInt32? {
        state.withLock { $0.table.position(of: key, hash: hash) }
    }

    func update(_ stored: StoredEntry, hash: UInt64, position: UInt32) {
        state.withLock { $0.table.update(stored, hash: hash, position: position, hasher: hasher) }
    }

    func remove(_ key: CacheKey, hash: UInt64) {
        state.withLock { $0.table.remove(key, hash: hash, hasher: hasher) }
    }

    func removeAll() {
        state.withLock { $0.table.removeAll() }
    }
}
