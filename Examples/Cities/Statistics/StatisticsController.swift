import CacheMiddleware
import HTTPTypes
import Hummingbird

/// Answers what the handlers and the cache have done. It is neither cached nor tagged.
struct StatisticsController: Sendable {
    /// The body of the answer.
    private struct Statistics: Encodable {
        struct Cache: Encodable {
            var hits: Int
            var misses: Int
            var entries: Int
            var bytes: Int
            var evictions: Int
        }

        var handlers: [String: Int]
        var cache: Cache
    }

    let counts: HandlerCounts
    let store: MemoryStore

    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let cache = store.statistics
        let statistics = Statistics(
            handlers: counts.all,
            cache: .init(
                hits: cache.hits, misses: cache.misses, entries: cache.entryCount, bytes: cache.byteCount,
                evictions: cache.evictions
            )
        )
        return try Response(json: statistics, headers: [.cacheControl: "no-store"])
    }
}
