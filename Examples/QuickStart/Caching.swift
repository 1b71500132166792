import Hummingbird
import ResponseCache

/// A database of articles.
protocol Articles: Sendable {
    func text(of id: String) async throws -> String?
    func write(_ text: String, to id: String) async throws
}

/// A cache with stale responses, negative caching, purging by tags, and an administration.
func cachedArticles(_ articles: some Articles, secret: String) throws -> some ApplicationProtocol {
    let store = MemoryStore(byteLimit: 256 << 20)
    let background = BackgroundWork()
    // One runtime for all caches and their administration.
    let runtime = CacheRuntime(background: background)
    let stack = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store, runtime: runtime) {
            $0.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
            $0.statusLifetimes = [404: .seconds(10)]
            $0.tags = ["articles", "article:{id}"]
            $0.purgesTags = ["articles", "article:{id}"]
        }
    }
    let access = try AccessCheck.bearer(secret)
    let administration = Pipeline {
        CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
    }
    let router = Router(context: BasicPipelineRequestContext.self)
    router.get(
        "articles/{id}",
        use: stack.wrap(as: "Article") { _, context in
            guard let text = try await articles.text(of: try context.parameters.require("id")) else {
                throw HTTPError(.notFound)
            }
            return text
        })
    router.put(
        "articles/{id}",
        use: stack.wrap(as: "Article") { request, context in
            let text = String(buffer: try await request.body.collect(upTo: context.maxUploadSize))
            try await articles.write(text, to: try context.parameters.require("id"))
            return HTTPResponse.Status.noContent
        })
    var application = Application(responder: administration.wrap(router.buildResponder()))
    application.addServices(background)
    return application
}
