import CacheMiddleware
import ETag
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import Logging
import Resources
import ResponseCompression

/// The routes of the application.
func buildRouter(
    _ components: CitiesComponents, logger: Logger, administrationSecret: String? = nil
) throws -> Router<CitiesRequestContext> {
    let (store, resources) = (components.store, components.resources)
    let router = Router(context: CitiesRequestContext.self, options: .autoGenerateHeadEndpoints)
    if let administrationSecret {
        let access = try AccessCheck.bearer(administrationSecret)
        router.add(
            middleware: PipelineMiddleware {
                CacheAdministration(of: CacheStores(default: store), runtime: components.runtime, allowing: access)
            })
    }
    router.add(middleware: ErrorMiddleware(logger: logger))
    router.add(middleware: BearerAuthenticator(users: components.users.byToken))
    router.add(resources.cities, resources.countries, resources.users)
    let document = OpenAPIDocument(
        title: "Cities", version: "1", resources.cities, resources.countries, resources.users, components.operations)
    router.add(document)
    router.add(document.page())
    let operationsPage = OperationsPage(html: try PageFile("operations.html"))
    router.group().add(middleware: PipelineMiddleware { operationsPage })
        .add(components.operations)
    let statistics = StatisticsController(
        queries: components.queries, writes: components.database.writes, store: store)
    router.get("stats", use: statistics.show)
    // Without a key the tag is the digest of the body.
    let page = Pipeline {
        GzipMiddleware()
        ETagMiddleware()
    }
    router.get("/", use: page.wrap(as: "PageView", PageController(file: try PageFile("index.html")).show))
    for name in ["operations.js", "operations.css"] {
        router.get("pages/\(name)", use: page.wrap(as: "PageView", PageController(file: try PageFile(name)).show))
    }
    return router
}
