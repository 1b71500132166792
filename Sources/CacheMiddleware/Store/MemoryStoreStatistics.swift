/// What a ``MemoryStore`` has done since it was made, and what it holds.
public struct MemoryStoreStatistics: Sendable, Hashable {
    /// Look-ups that found an entry.
    public var hits = 0
    /// Look-ups that found none, or an expired one.
    public var misses = 0
    /// Entries that made room for others.
    public var evictions = 0
    /// Entries that were dropped because they had expired.
    public var expirations = 0
    /// Entries that were too large to be kept.
    public var rejections = 0
    /// Entries that were not kept because a purge while they were made selects them, or may have.
    public var refusals = 0
    /// Entries that purges forgot or made stale.
    public var purged = 0
    /// The number of entries held. Some may have expired.
    public var entryCount = 0
    /// The number of bytes held: content and bookkeeping.
    public var byteCount = 0

    /// Creates statistics of nothing.
    public init() {}

    /// The part of all look-ups that found an entry, from 0 to 1; 0 before the first one.
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
