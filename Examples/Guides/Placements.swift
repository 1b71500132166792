import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import NIOSSL
import ResponseCache

struct AppRequestContext: PipelineRequestContext {
    var coreContext: CoreRequestContextStorage
    var userID: String?  // set by the authenticator
    var language: String?  // set by a middleware that reads Accept-Language

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

struct TokenAuthenticator: MiddlewareProtocol {
    let users: [String: String]  // users by the value of Authorization

    func handle(
        _ request: Request, context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.userID = request.headers[.authorization].flatMap { users[$0] }
        return try await next(request, context)
    }
}

/// The code of the guides of HummingbirdPipeline.
func hummingbirdGuides(
    router: Router<AppRequestContext>, stack: Pipeline, tlsConfiguration: TLSConfiguration,
    listCities: @escaping @Sendable @concurrent (Request, AppRequestContext) async throws -> String
) async throws {
    router.get("cities", use: stack.wrap(as: "CityListView", listCities))
    router.group("v2").add(middleware: PipelineMiddleware(stack)).get("cities", use: listCities)
    let app = Application(responder: stack.wrap(router.buildResponder()))
    try await app.runService()

    try await onEventLoops(router: router)
    try await answeringHits(router: router)
    try await withManyConnections(router: router)
    try await overHTTP2(router: router, tlsConfiguration: tlsConfiguration)
}

private func onEventLoops(router: Router<AppRequestContext>) async throws {
    let app = Application(router: router, server: .onEventLoops())
    try await app.runService()
}

private func answeringHits(router: Router<AppRequestContext>) async throws {
    let runtime = CacheRuntime()
    let store = MemoryStore(byteLimit: 64 << 20)
    let stack = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store, runtime: runtime) {
            $0.answersBelowFramework = true
        }
    }
    router.get("countries", use: stack.wrap { _, _ in "countries" })

    let app = Application(router: router, server: .onEventLoops(answeringHits: ChannelHits(runtime: runtime)))

    var settings = ChannelHitSettings()
    settings.onHit = { hit in
        print(hit.method, hit.target, hit.status, hit.byteCount)
    }
    let hits = ChannelHits(runtime: runtime, settings: settings)

    try await app.runService()
    try await Application(router: router, server: .onEventLoops(answeringHits: hits)).runService()
}

private func withManyConnections(router: Router<AppRequestContext>) async throws {
    let app = Application(
        router: router,
        server: .onEventLoops(configuration: .init(idleTimeout: .seconds(60))),
        configuration: .init(address: .hostname("0.0.0.0", port: 8080), backlog: 4096),
        onServerRunning: { channel in
            try? await channel.setOption(.maxMessagesPerRead, value: 1024).get()
        }
    )
    try await app.runService()
}

private func overHTTP2(router: Router<AppRequestContext>, tlsConfiguration: TLSConfiguration) async throws {
    let server = HTTPServerBuilder.onEventLoops { responder in
        try HTTP2UpgradeChannel(
            tlsConfiguration: tlsConfiguration,
            configuration: .init(
                idleTimeout: .seconds(60), gracefulCloseTimeout: .seconds(20),
                streamConfiguration: .init(idleTimeout: .seconds(60))
            ),
            responder: responder
        )
    }
    let app = Application(router: router, server: server)
    try await app.runService()
}
