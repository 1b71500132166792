import HTTPPipeline
import KeyConstructor
import Synchronization

/// An entry as a ``MemoryStore`` holds it.
///
/// What a look-up has to know beside the entry itself stands here, so that the locked part of it reads one reference.
final class StoredEntry: Sendable {
    /// The key that the entry is kept under.
    let key: CacheKey
    /// The entry.
    let entry: CacheEntry
    /// The moment from which on the entry is not used, and the end of time when it is used for ever.
    let expiry: Int64

    /// Whether the entry was looked up since the eviction last passed it.
    private let wasLookedUp: Atomic<Bool>

    init(_ entry: CacheEntry, key: CacheKey, notAfter end: Int64 = .max, isMarked: Bool = false) {
        self.key = key
        self.entry = entry
        self.expiry = min(end, entry.expiresAt?.nanoseconds ?? .max)
        self.wasLookedUp = Atomic(isMarked)
    }

    /// Whether the entry was looked up since the eviction last passed it.
    var isMarked: Bool {
        get { wasLookedUp.load(ordering: .relaxed) }
        set { wasLookedUp.store(newValue, ordering: .relaxed) }
    }

    /// Notes a look-up. Of an entry that is looked up often nothing is written, so its readers share nothing here.
    @inline(__always)
    func noteLookUp() {
        if !wasLookedUp.load(ordering: .relaxed) { wasLookedUp.store(true, ordering: .relaxed) }
    }
}
