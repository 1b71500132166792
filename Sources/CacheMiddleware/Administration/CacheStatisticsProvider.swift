/// A store that tells what it has done and holds.
public protocol CacheStatisticsProvider: CacheStore {
    /// The figures, each with a name, in the order in which they are shown.
    func cacheStatistics() async throws -> [(name: String, value: Int)]
}
