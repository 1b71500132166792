import CacheMiddleware
import HTTPTypes
import Hummingbird

/// Returns statistics of the handlers and the cache. The response is neither cached nor tagged.
struct StatisticsController: Sendable {
    /// The body of the response.
    private struct Statistics: Encodable {
        var handlers: [String: Int]
        /// The statistics of the store; those of the memory tier for a tiered store.
        var cache: [String: Int]?
        /// The reason why there are no statistics of the cache.
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
            statistics.detail = "the store has no statistics"
        }
        return try Response(json: statistics, headers: [.cacheControl: "no-store"])
    }

    private static let shown: Set = ["hits", "misses", "entries", "bytes", "evictions", "memory_tier"]
}
