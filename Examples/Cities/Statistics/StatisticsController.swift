import CacheMiddleware
import HTTPTypes
import Hummingbird

/// Answers what the handlers and the cache have done. It is neither cached nor tagged.
struct StatisticsController: Sendable {
    /// The body of the answer.
    private struct Statistics: Encodable {
        var handlers: [String: Int]
        /// What the store tells of itself; of a store with a tier in memory it is what that tier does.
        var cache: [String: Int]?
        /// Why nothing is told of the cache.
        var detail: String?
    }

    let counts: HandlerCounts
    let store: any CacheStore

    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        var statistics = Statistics(handlers: counts.all)
        if let store = store as? any CacheStatisticsProvider {
            let figures = try await store.cacheStatistics().filter { Self.shown.contains($0.name) }
            statistics.cache = Dictionary(uniqueKeysWithValues: figures.map { ($0.name, $0.value) })
        } else {
            statistics.detail = "the cache's store keeps no figures"
        }
        return try Response(json: statistics, headers: [.cacheControl: "no-store"])
    }

    private static let shown: Set = ["hits", "misses", "entries", "bytes", "evictions", "memory_tier"]
}
