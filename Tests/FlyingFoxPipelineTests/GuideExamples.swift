#if FlyingFox
import CacheMiddleware
import FlyingFox
import FlyingFoxPipeline
import HTTPPipeline

// The code of the page of FlyingFoxPipeline.

func servers(
    store: some CacheStore, routes: RoutedHTTPHandler,
    showCity: @escaping @Sendable (String?) async throws -> FlyingFox.HTTPResponse,
    user: @escaping @Sendable (String?) async throws -> String?
) async {
    let stack = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store)
    }
    let server = HTTPServer(port: 8080)
    await server.appendRoute(
        "GET,HEAD /cities/:id",
        to: stack.wrap(as: "City") { request, _ in
            try await showCity(request.routeParameters["id"])
        })

    let whole = HTTPServer(port: 8081, handler: stack.wrap { request, _ in try await routes.handleRequest(request) })

    await identifiedUsers(stack: stack, servers: [server, whole], showCity: showCity, user: user)
}

private func identifiedUsers(
    stack: Pipeline, servers: [HTTPServer],
    showCity: @escaping @Sendable (String?) async throws -> FlyingFox.HTTPResponse,
    user: @escaping @Sendable (String?) async throws -> String?
) async {
    let identify: PipelineHandler.Preparation = { request, exchange in
        exchange.userID = try await user(request.headers[.authorization])
    }
    let handler = stack.wrap(as: "City", preparing: identify) { request, _ in
        try await showCity(request.routeParameters["id"])
    }
    for server in servers { await server.appendRoute("GET /cities/:id", to: handler) }
}
#endif
