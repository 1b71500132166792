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
