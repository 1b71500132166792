/// What a ``MemoryStore`` has done since it was made, and what it holds.
public struct MemoryStoreStatistics: Sendable, Hashable {
    /// Look-ups that found an entry.
    public var hits = 0
    /// Look-ups that found none, or an expired one.
    public var misses = 0
    /// Entries that made room for others.
    public var evictions = 0
    /// Entries that were too large to be kept.
    public var rejections = 0
    /// The number of entries held.
    public var entryCount = 0
    /// The number of bytes held: content and bookkeeping.
    public var byteCount = 0

    /// Creates statistics of nothing.
    public init() {}

    static func += (left: inout MemoryStoreStatistics, right: MemoryStoreStatistics) {
        left.hits += right.hits
        left.misses += right.misses
        left.evictions += right.evictions
        left.rejections += right.rejections
        left.entryCount += right.entryCount
        left.byteCount += right.byteCount
    }
}
