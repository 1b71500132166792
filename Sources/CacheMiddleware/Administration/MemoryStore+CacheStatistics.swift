extension MemoryStore: CacheStatisticsProvider {
    /// The figures of ``statistics``, and the limit.
    public func cacheStatistics() -> [(name: String, value: Int)] {
        let statistics = statistics
        return [
            ("bytes", statistics.byteCount), ("byte_limit", byteLimit), ("entries", statistics.entryCount),
            ("hits", statistics.hits), ("misses", statistics.misses), ("evictions", statistics.evictions),
            ("rejections", statistics.rejections),
        ]
    }
}
