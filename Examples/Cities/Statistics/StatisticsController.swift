import CacheMiddleware
import HTTPTypes
import Hummingbird

/// The statistics of the database and the cache.
struct Statistics: ResponseCodable {
    /// The number of queries by table.
    var queries: [String: Int]
    /// The statistics of the store; those of the memory tier for a tiered store. nil for a store without statistics.
    var cache: [String: Int]?
    /// The last statement that changed a table.
    var lastWrite: String

    private enum CodingKeys: String, CodingKey {
        case queries, cache
        case lastWrite = "last_write"
    }
}

/// Returns statistics. The response is neither cached nor tagged.
struct StatisticsController: Sendable {
    let queries: QueryCounts
    let writes: WriteTrace
    let store: any CacheStore

    @Sendable
    func show(_ request: Request, context: CitiesRequestContext) async throws -> EditedResponse<Statistics> {
        var statistics = Statistics(queries: queries.all, lastWrite: writes.last)
        if let store = store as? any CacheStatisticsProvider {
            let figures = try await store.cacheStatistics().filter { Self.shown.contains($0.name) }
            statistics.cache = Dictionary(uniqueKeysWithValues: figures.map { ($0.name, $0.value) })
        }
        return EditedResponse(headers: [.cacheControl: "no-store"], response: statistics)
    }

    private static let shown: Set = ["hits", "misses", "entries", "bytes", "evictions", "memory_tier"]
}
