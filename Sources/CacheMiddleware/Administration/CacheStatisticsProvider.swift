/// A store that reports statistics.
public protocol CacheStatisticsProvider: CacheStore {
    /// Returns the figures, each with a name, in the order in which they are shown.
    func cacheStatistics() async throws -> [(name: String, value: Int)]
}
