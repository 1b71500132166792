public import HTTPPipeline
public import KeyConstructor
import NIOCore

/// Keeps answers in the memory of the process, up to a number of bytes.
///
/// The store is divided into shards, each behind a lock of its own; there is no
/// actor and no suspension. A hit shares the memory of the body. When a shard is full it evicts what has not been read for
/// longest by the SIEVE algorithm, under which one pass over many keys does not push out the keys that are read again.
/// An expired entry is dropped when it is next looked up, or evicted in its turn.
public final class MemoryStore: CacheStore {
    private let shards: [MemoryStoreShard]
    private let timeSource: any TimeSource

    /// The number of bytes that the store holds at most: content and what it takes to keep it.
    public let byteLimit: Int

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - byteLimit: The number of bytes to hold at most, content and bookkeeping together. It is divided among the
    ///     shards, at most 16 of them and each with 4 MiB or more, so a single entry takes at most that part.
    ///   - timeSource: Tells when entries expire.
    public init(byteLimit: Int, timeSource: any TimeSource = SystemTimeSource()) {
        precondition(byteLimit > 0, "a MemoryStore needs a byteLimit above 0, not \(byteLimit)")
        // A power of two, so that a shard is picked by a mask.
        var count = 1
        while count < 16, byteLimit / (count * 2) >= 4 << 20 { count *= 2 }
        self.shards = (0..<count).map { _ in MemoryStoreShard(byteLimit: byteLimit / count) }
        self.byteLimit = byteLimit
        self.timeSource = timeSource
    }

    /// The entry under `key`, or nil; a hit marks it as used. O(1).
    public func entry(for key: CacheKey) -> CacheEntry? {
        shard(for: key).entry(for: key, at: timeSource.now)
    }

    /// Keeps `entry`. An entry that is too large for its shard is not kept, and neither is the one it would replace.
    ///
    /// - Returns: Whether it is kept.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey) -> Bool {
        let shard = shard(for: key)
        var entry = entry.compacted
        entry.separateVariants()
        let room = shard.room
        entry.variants.reserving { variants, byteCount in room.reserve(byteCount, for: variants, of: key) }
        return shard.store(entry, for: key)
    }

    /// Forgets the entry under `key`, if there is one. O(1).
    public func removeEntry(for key: CacheKey) {
        shard(for: key).removeEntry(for: key)
    }

    /// Forgets every entry. The statistics of the past stay.
    public func removeAll() {
        for shard in shards { shard.removeAll() }
    }

    /// What the store has done and holds.
    public var statistics: MemoryStoreStatistics {
        shards.reduce(into: MemoryStoreStatistics()) { $0 += $1.statistics }
    }

    private func shard(for key: CacheKey) -> MemoryStoreShard {
        // Dictionaries hash the low half; the shard is picked by the high one.
        shards[Int(truncatingIfNeeded: key.high) & (shards.count - 1)]
    }
}

extension CacheEntry {
    /// The entry with a body that keeps no more memory than it needs: a small slice of a large buffer would hold all of it.
    fileprivate var compacted: CacheEntry {
        guard body.storageCapacity > 2 * body.readableBytes + 1024 else { return self }
        var entry = self
        entry.body = ByteBuffer(bytes: body.readableBytesView)
        return entry
    }
}
