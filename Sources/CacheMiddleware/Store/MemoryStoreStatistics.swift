/// The counts of a ``MemoryStore`` since it was created, and its current contents.
public struct MemoryStoreStatistics: Sendable, Hashable {
    /// Look-ups that found an entry.
    public var hits = 0
    /// Look-ups that found no entry, or an expired one.
    public var misses = 0
    /// Entries that were evicted to make room for others.
    public var evictions = 0
    /// Entries that were removed because they had expired.
    public var expirations = 0
    /// Entries that were not stored because they were too large.
    public var rejections = 0
    /// Entries that were not stored because a purge during their computation selected them, or may have.
    public var refusals = 0
    /// Entries that purges removed or made stale.
    public var purged = 0
    /// The number of entries in the store. Some may have expired.
    public var entryCount = 0
    /// The number of bytes in the store: content and bookkeeping.
    public var byteCount = 0

    /// Creates statistics in which every count is 0.
    public init() {}

    /// The fraction of look-ups that found an entry, from 0 to 1; 0 before the first look-up.
    public var hitRatio: Double {
        hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses)
    }

    static func += (left: inout MemoryStoreStatistics, right: MemoryStoreStatistics) {
        left.hits += right.hits
        left.misses += right.misses
        left.evictions += right.evictions
        left.expirations += right.expirations
        left.rejections += right.rejections
        left.refusals += right.refusals
        left.purged += right.purged
        left.entryCount += right.entryCount
        left.byteCount += right.byteCount
    }
}
