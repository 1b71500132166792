public import HTTPPipeline
public import KeyConstructor
import NIOCore

/// A store in the memory of the process, limited by a number of bytes or of entries.
///
/// A look-up finds an entry without a copy of its body and rarely writes to memory that another thread uses at the same time:
/// threads do not slow each other down, whether they find different entries or the same one. There is no actor and no suspension.
///
/// A full store evicts entries by S3-FIFO with a small queue of adaptive size: a single scan over many keys does not evict keys
/// that are read repeatedly. The bytes of an entry are those of its body, fields, tags and path as they are laid out in memory,
/// plus its bookkeeping, so the memory of the process follows the limit. Bodies count in powers of two because `ByteBuffer`
/// allocates that way. Two parts are not counted: the locks of look-ups, from 8 KiB in a small store to 256 KiB in one of 64 MiB or
/// more, and private copies of the heads of entries that one thread finds repeatedly.
///
/// An expired entry is removed when it is looked up; otherwise a few expired entries are removed each time another entry is stored.
/// Expired entries do not wait for eviction.
///
/// A purge by key, tag or URL finds its entries through an index, whose memory is also counted.
public final class MemoryStore: CacheStore {
    let shards: [MemoryStoreShard]
    private let stripes: MemoryStoreStripes
    let hasher: KeyHasher
    let timeSource: any TimeSource
    let log = PurgeLog()

    /// The maximum number of bytes in the store, content and bookkeeping; nil if the store counts entries.
    public let byteLimit: Int?
    /// The maximum number of entries in the store; nil if the store counts bytes.
    public let entryLimit: Int?

    /// Creates a store that is limited by a number of bytes.
    ///
    /// - Parameters:
    ///   - byteLimit: The maximum number of bytes, content and bookkeeping together. It is divided among the shards, at most 16 of
    ///     them and each with 4 MiB or more; a single entry is limited to the part of a shard.
    ///   - entryByteLimit: The maximum number of bytes of a single entry; nil means the part of a shard.
    ///   - timeSource: The clock for the expiry of entries.
    public convenience init(
        byteLimit: Int, entryByteLimit: Int? = nil, timeSource: any TimeSource = SystemTimeSource()
    ) {
        precondition(byteLimit > 0, "a MemoryStore needs a byteLimit above 0, not \(byteLimit)")
        self.init(
            unit: .bytes, limit: byteLimit, leastPart: 4 << 20, entryByteLimit: entryByteLimit, timeSource: timeSource)
    }

    /// Creates a store that is limited by a number of entries of any size: for entries of one known size, or if the number matters
    /// more than the memory.
    ///
    /// - Parameters:
    ///   - entryLimit: The maximum number of entries. It is divided among the shards, at most 16 of them and each with 16,384
    ///     entries or more.
    ///   - entryByteLimit: The maximum number of bytes of a single entry; nil means any number.
    ///   - timeSource: The clock for the expiry of entries.
    public convenience init(
        entryLimit: Int, entryByteLimit: Int? = nil, timeSource: any TimeSource = SystemTimeSource()
    ) {
        precondition(entryLimit > 0, "a MemoryStore needs an entryLimit above 0, not \(entryLimit)")
        self.init(
            unit: .entries, limit: entryLimit, leastPart: 16_384, entryByteLimit: entryByteLimit, timeSource: timeSource
        )
    }

    private init(unit: ShardLimits.Unit, limit: Int, leastPart: Int, entryByteLimit: Int?, timeSource: any TimeSource) {
        // Powers of two, so that a mask selects shards and stripes. A small store has one shard: eviction improves with the number
        // of entries to choose from.
        var count = 1
        while count < 16, limit / (count * 2) >= leastPart { count *= 2 }
        let hasher = KeyHasher()
        let stripes = MemoryStoreStripes(count: 4 * count, hasher: hasher)
        self.shards = (0..<count).map { shard in
            // The first shards share the remainder.
            let part = limit / count + (shard < limit % count ? 1 : 0)
            return MemoryStoreShard(
                limits: ShardLimits(unit: unit, limit: part, entryByteLimit: entryByteLimit ?? .max),
                hasher: hasher,
                stripes: stripes,
                ownStripes: stride(from: shard, to: stripes.count, by: count)
            )
        }
        self.hasher = hasher
        self.stripes = stripes
        self.byteLimit = unit == .bytes ? limit : nil
        self.entryLimit = unit == .entries ? limit : nil
        self.timeSource = timeSource
    }

    /// Always true: every operation completes without waiting.
    public var isInProcess: Bool { true }

    /// Returns the entry under `key`, or nil. A hit marks the entry as used.
    ///
    /// - Complexity: O(1), without a copy of the entry's content.
    public func entry(for key: CacheKey) -> CacheEntry? {
        let hash = hasher.hash(key)
        let stripe = stripes.stripe(of: hash)
        guard let (entry, expiry) = stripe.pointee.lookUp(key, hash: hash) else { return nil }
        // The time is read only for an entry that expires.
        if expiry != .max {
            let now = timeSource.now
            if expiry <= now.nanoseconds {
                stripe.pointee.correctHit()
                shard(of: hash).removeExpired(key, at: now)
                return nil
            }
        }
        return entry
    }

    /// Stores `entry`. If it is too large, it is not stored, and the entry it would replace is removed.
    ///
    /// - Returns: Whether the entry was stored.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) -> Bool {
        keep(entry, for: key, unlessPurgedSince: mark, upTo: nil) != nil
    }

    /// Stores `entry` with its variants for a limited time, even if it expires later. For a ``TieredCacheStore``.
    ///
    /// - Parameters:
    ///   - entry: The response.
    ///   - key: Its key.
    ///   - mark: The position in the order of purges when the response was valid.
    ///   - lifetime: The maximum time that the entry is stored; nil means until the entry expires.
    /// - Returns: The entry as it is stored, in memory of the store; nil if it was not stored.
    public func keep(
        _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?, upTo lifetime: Duration?
    ) -> CacheEntry? {
        let shard = shard(of: hasher.hash(key))
        let variants = entry.variants
        var entry = entry.compacted
        entry.separateVariants(from: variants, life: EntryLife(within: shard.life))
        let room = shard.room
        entry.variants.reserving { variants, byteCount in room.reserve(byteCount, for: variants, of: key) }
        let now = timeSource.now
        let end = lifetime.map { (now + $0).nanoseconds } ?? .max
        guard shard.store(entry, for: key, at: now, notAfter: end, unlessPurgedSince: mark, log: log) else {
            return nil
        }
        for (name, body) in variants.kept { entry.variants.insert(body, named: name, isNew: false) }
        return entry
    }

    /// Stores `entry` regardless of concurrent purges.
    ///
    /// - Returns: Whether the entry was stored.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey) -> Bool {
        store(entry, for: key, unlessPurgedSince: nil)
    }

    /// Returns the current position in the order of purges.
    public func purgeMark() -> PurgeMark { log.mark }

    /// The statistics of the store.
    public var statistics: MemoryStoreStatistics {
        shards.reduce(into: MemoryStoreStatistics()) { $0 += $1.statistics }
    }

    /// The statistics without look-ups, for frequent reads.
    var contents: MemoryStoreStatistics {
        shards.reduce(into: MemoryStoreStatistics()) { $0 += $1.contents }
    }

    /// The number of pairs of an entry and a tag or path in the index, and the number of tags and paths.
    package var indexCounts: (links: Int, labels: Int) {
        shards.reduce(into: (0, 0)) { counts, shard in
            let own = shard.indexCounts
            counts.0 += own.links
            counts.1 += own.labels
        }
    }

    func shard(of hash: UInt64) -> MemoryStoreShard {
        // Selected by the low ones of the bits that select the stripe.
        shards[Int(truncatingIfNeeded: hash >> 48) & (shards.count - 1)]
    }
}

extension CacheEntry {
    /// The entry with a body that keeps no excess memory alive: a small slice of a large buffer would keep all of it.
    ///
    /// The capacity of a new buffer is a power of two, so a copy is worthwhile if the capacity is at least twice the size of the
    /// body.
    fileprivate var compacted: CacheEntry {
        guard body.storageCapacity >= 2 * max(body.readableBytes, 16), body.storageCapacity > 64 else { return self }
        var entry = self
        entry.body = ByteBuffer(bytes: body.readableBytesView)
        return entry
    }
}
