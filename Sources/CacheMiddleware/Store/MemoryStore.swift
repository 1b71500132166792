public import HTTPPipeline
public import KeyConstructor
import NIOCore

/// Keeps answers in the memory of the process, up to a number of bytes or of entries.
///
/// A look-up finds an entry without a copy of its body and writes to memory that hardly ever another thread uses at the same time:
/// threads do not slow each other down, whether they find different entries or the same one. There is no actor and no suspension.
///
/// When the store is full it evicts by S3-FIFO with a small queue of adaptive size, under which one pass over many keys does not
/// push out the keys that are read again. The bytes of an entry are those of its body, its fields, its tags and its path as they
/// lie in memory, and of what it takes to keep it, so the memory of the process follows the limit. Bodies count in powers of two,
/// because that is how `ByteBuffer` allocates them. Not counted are the locks of the look-ups, from 8 KiB in a small store to
/// 256 KiB in one of 64 MiB or more, and the heads of entries that one thread finds again and again, which it has for itself.
///
/// An entry that has expired is dropped when it is looked up, and otherwise a few at a time when others are stored; it is not
/// waited for its turn to be evicted.
///
/// A purge by key, tag or URL finds its entries through an index, whose room is counted too.
public final class MemoryStore: CacheStore {
    let shards: [MemoryStoreShard]
    private let stripes: MemoryStoreStripes
    let hasher: KeyHasher
    let timeSource: any TimeSource
    let log = PurgeLog()

    /// The number of bytes that the store holds at most: content and what it takes to keep it; nil when it counts entries.
    public let byteLimit: Int?
    /// The number of entries that the store holds at most; nil when it counts bytes.
    public let entryLimit: Int?

    /// Creates a store that holds a number of bytes.
    ///
    /// - Parameters:
    ///   - byteLimit: The number of bytes to hold at most, content and bookkeeping together. It is divided among the
    ///     shards, at most 16 of them and each with 4 MiB or more, so a single entry takes at most that part.
    ///   - entryByteLimit: The number of bytes that a single entry takes at most; nil is the part of a shard.
    ///   - timeSource: Tells when entries expire.
    public convenience init(
        byteLimit: Int, entryByteLimit: Int? = nil, timeSource: any TimeSource = SystemTimeSource()
    ) {
        precondition(byteLimit > 0, "a MemoryStore needs a byteLimit above 0, not \(byteLimit)")
        self.init(
            unit: .bytes, limit: byteLimit, leastPart: 4 << 20, entryByteLimit: entryByteLimit, timeSource: timeSource)
    }

    /// Creates a store that holds a number of entries, however large they are: for entries of one known size, and where the
    /// number rather than the memory counts.
    ///
    /// - Parameters:
    ///   - entryLimit: The number of entries to hold at most. It is divided among the shards, at most 16 of them and each with
    ///     16,384 entries or more.
    ///   - entryByteLimit: The number of bytes that a single entry takes at most; nil is any number.
    ///   - timeSource: Tells when entries expire.
    public convenience init(
        entryLimit: Int, entryByteLimit: Int? = nil, timeSource: any TimeSource = SystemTimeSource()
    ) {
        precondition(entryLimit > 0, "a MemoryStore needs an entryLimit above 0, not \(entryLimit)")
        self.init(
            unit: .entries, limit: entryLimit, leastPart: 16_384, entryByteLimit: entryByteLimit, timeSource: timeSource
        )
    }

    private init(unit: ShardLimits.Unit, limit: Int, leastPart: Int, entryByteLimit: Int?, timeSource: any TimeSource) {
        // Powers of two, so that shards and stripes are picked by a mask. Few entries stay in one shard: eviction is the better,
        // the more it has to choose from.
        var count = 1
        while count < 16, limit / (count * 2) >= leastPart { count *= 2 }
        let hasher = KeyHasher()
        let stripes = MemoryStoreStripes(count: 4 * count, hasher: hasher)
        self.shards = (0..<count).map { shard in
            // The first ones take what the division leaves.
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

    /// True.
    public var isInProcess: Bool { true }

    /// The entry under `key`, or nil; a hit marks it as used. O(1), without a copy of what the entry holds.
    public func entry(for key: CacheKey) -> CacheEntry? {
        let hash = hasher.hash(key)
        let stripe = stripes.stripe(of: hash)
        guard let (entry, expiry) = stripe.pointee.lookUp(key, hash: hash) else { return nil }
        // Only an entry that expires asks for the time.
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

    /// Keeps `entry`. An entry that is too large is not kept, and neither is the one it would replace.
    ///
    /// - Returns: Whether it is kept.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) -> Bool {
        keep(entry, for: key, unlessPurgedSince: mark, upTo: nil) != nil
    }

    /// Keeps `entry` with its encodings for a limited time, whatever its own end is.
    ///
    /// - Parameters:
    ///   - entry: The answer.
    ///   - key: Its key.
    ///   - mark: Where the order of purges stood when the answer was valid.
    ///   - lifetime: How long it is kept at most; nil is as long as its own end says.
    /// - Returns: The entry as it is kept, in memory of the store; nil when it is not.
    package func keep(
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

    /// Keeps `entry`, whatever was purged meanwhile.
    ///
    /// - Returns: Whether it is kept.
    @discardableResult
    public func store(_ entry: CacheEntry, for key: CacheKey) -> Bool {
        store(entry, for: key, unlessPurgedSince: nil)
    }

    /// The present place in the order of purges.
    public func purgeMark() -> PurgeMark { log.mark }

    /// What the store has done and holds.
    public var statistics: MemoryStoreStatistics {
        shards.reduce(into: MemoryStoreStatistics()) { $0 += $1.statistics }
    }

    /// The same without look-ups, for what asks often.
    var contents: MemoryStoreStatistics {
        shards.reduce(into: MemoryStoreStatistics()) { $0 += $1.contents }
    }

    /// How many pairs of an entry and a tag or path the index holds, and how many tags and paths.
    package var indexCounts: (links: Int, labels: Int) {
        shards.reduce(into: (0, 0)) { counts, shard in
            let own = shard.indexCounts
            counts.0 += own.links
            counts.1 += own.labels
        }
    }

    func shard(of hash: UInt64) -> MemoryStoreShard {
        // By the bits that pick the stripe, of which there are more.
        shards[Int(truncatingIfNeeded: hash >> 48) & (shards.count - 1)]
    }
}

extension CacheEntry {
    /// The entry with a body that keeps no more memory than it needs: a small slice of a large buffer would hold all of it.
    ///
    /// A new buffer has a power of two of bytes, so a copy is worth its while when the body has at least twice that.
    fileprivate var compacted: CacheEntry {
        guard body.storageCapacity >= 2 * max(body.readableBytes, 16), body.storageCapacity > 64 else { return self }
        var entry = self
        entry.body = ByteBuffer(bytes: body.readableBytesView)
        return entry
    }
}
