/// A store that reports statistics.
public protocol CacheStatisticsProvider: CacheStore {
    /// Returns the figures, each with a name, in the order in which they are shown.
    func cacheStatistics() async throws -> [(name: String, value: Int)]
}

extension MemoryStore: CacheStatisticsProvider {
    /// Returns the limits and the figures of ``statistics``.
    public func cacheStatistics() -> [(name: String, value: Int)] {
        let statistics = statistics
        let limits = [("byte_limit", byteLimit), ("entry_limit", entryLimit)].compactMap { name, value in
            value.map { (name: name, value: $0) }
        }
        return limits + [
            ("bytes", statistics.byteCount), ("entries", statistics.entryCount), ("hits", statistics.hits),
            ("misses", statistics.misses), ("evictions", statistics.evictions),
            ("expirations", statistics.expirations), ("rejections", statistics.rejections),
            ("purged", statistics.purged), ("refusals", statistics.refusals),
        ]
    }
}
