import HTTPPipeline

/// Counts what comes through to the handler. It is the innermost, so an answer from the cache is not counted.
struct HandlerCountMiddleware: Middleware {
    let counts: HandlerCounts

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        counts.count(exchange.route.uniqueMethodID)
        return try await next(exchange)
    }
}
