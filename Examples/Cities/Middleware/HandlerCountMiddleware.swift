import HTTPPipeline

/// Counts runs of the handler. It is the innermost middleware, so hits are not counted.
struct HandlerCountMiddleware: Middleware {
    let counts: HandlerCounts

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        counts.count(exchange.route.uniqueMethodID)
        return try await next(exchange)
    }
}
