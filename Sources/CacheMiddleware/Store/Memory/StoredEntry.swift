import HTTPPipeline
import KeyConstructor
import Synchronization

/// An entry in a ``MemoryStore``.
///
/// It contains everything that a look-up needs besides the entry, so that the locked part of a look-up reads one reference.
final class StoredEntry: Sendable {
    /// The key under which the entry is stored.
    let key: CacheKey
    /// The entry.
    let entry: CacheEntry
    /// The time from which the entry is no longer served, in nanoseconds; `Int64.max` if it never expires.
    let expiry: Int64

    /// Whether the entry was looked up since eviction last visited it.
    private let wasLookedUp: Atomic<Bool>

    init(_ entry: CacheEntry, key: CacheKey, notAfter end: Int64 = .max, isMarked: Bool = false) {
        self.key = key
        self.entry = entry
        self.expiry = min(end, entry.expiresAt?.nanoseconds ?? .max)
        self.wasLookedUp = Atomic(isMarked)
    }

    /// Whether the entry was looked up since eviction last visited it.
    var isMarked: Bool {
        get { wasLookedUp.load(ordering: .relaxed) }
        set { wasLookedUp.store(newValue, ordering: .relaxed) }
    }

    /// Records a look-up. It writes only if the mark is not set, so readers of a popular entry do not contend for memory.
    @inline(__always)
    func noteLookUp() {
        if !wasLookedUp.load(ordering: .relaxed) { wasLookedUp.store(true, ordering: .relaxed) }
    }
}
