import HTTPPipeline
package import KeyConstructor
import Synchronization

/// An entry as a ``MemoryStore`` holds it.
///
/// A look-up hands out this one reference, where a copy of the entry would retain each of the entry's parts.
package final class StoredEntry: Sendable {
    /// The number of look-ups that are remembered between two passes of the eviction.
    static let maximumMark: UInt8 = 2

    /// The key that the entry is kept under.
    package let key: CacheKey
    /// The entry.
    package let entry: CacheEntry
    /// The moment from which on the entry is not used, and the end of time when it is used for ever.
    let expiry: Int64

    /// How often the entry was looked up since the eviction last passed it, up to the maximum.
    private let lookUps: Atomic<UInt8>

    init(_ entry: CacheEntry, key: CacheKey, mark: UInt8 = 0) {
        self.key = key
        self.entry = entry
        self.expiry = entry.expiresAt?.nanoseconds ?? .max
        self.lookUps = Atomic(mark)
    }

    /// See ``maximumMark``.
    var mark: UInt8 {
        get { lookUps.load(ordering: .relaxed) }
        set { lookUps.store(newValue, ordering: .relaxed) }
    }

    /// Notes a look-up. Threads that read an entry often write nothing that they share; of look-ups at the very same moment one
    /// may get lost, which costs at most a little precision.
    @inline(__always)
    func noteLookUp() {
        let mark = lookUps.load(ordering: .relaxed)
        if mark < Self.maximumMark { lookUps.store(mark + 1, ordering: .relaxed) }
    }
}
