import CacheMiddleware
import ETag
import GRDB
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import Logging
import Resources
import ResponseCompression

/// The routes of the application.
func buildRouter(
    database: CitiesDatabase,
    store: any CacheStore,
    runtime: CacheRuntime,
    logger: Logger,
    administrationSecret: String? = nil
) async throws -> Router<CitiesRequestContext> {
    let queries = QueryCounts()
    let users = try await database.users()
    let resources = CitiesResources(
        pool: database.pool, store: store, runtime: runtime, queries: queries, editors: users.editors)

    let router = Router(context: CitiesRequestContext.self, options: .autoGenerateHeadEndpoints)
    if let administrationSecret {
        let access = try AccessCheck.bearer(administrationSecret)
        router.add(
            middleware: PipelineMiddleware {
                CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
            })
    }
    router.add(middleware: PipelineMiddleware { ErrorMiddleware(logger: logger) })
    router.add(middleware: BearerAuthenticator(users: users.byToken))
    router.add(resources.cities, resources.countries, resources.users)
    let document = OpenAPIDocument(
        title: "Cities", version: "1", resources.cities, resources.countries, resources.users)
    router.add(document)
    router.add(document.page())
    router.get("stats", use: StatisticsController(queries: queries, writes: database.writes, store: store).show)
    // Without a key the tag is the digest of the body.
    let page = Pipeline {
        GzipMiddleware()
        ETagMiddleware()
    }
    router.get("/", use: page.wrap(as: "PageView", try PageController().show))
    return router
}
