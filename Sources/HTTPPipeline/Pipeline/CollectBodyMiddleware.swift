import HTTPTypes

/// Collects the body of a request, so that inner middleware and the handler can both read it.
///
/// A body above the limit is rejected with 413 (RFC 9110 section 15.5.14), because a partly read body cannot be read again.
public struct CollectBodyMiddleware: Middleware {
    private let limit: Int

    /// Creates a middleware that collects bodies up to a limit.
    ///
    /// - Parameter limit: The maximum size of a body in bytes.
    public init(upTo limit: Int) {
        self.limit = limit
    }

    /// Collects the body and calls the next handler with it.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard case .stream = exchange.body.content else { return try await next(exchange) }
        var exchange = exchange
        do {
            exchange.body = RequestBody(try await exchange.body.collect(upTo: limit))
        } catch is BodyTooLarge {
            return Reply(status: .contentTooLarge)
        }
        return try await next(exchange)
    }
}
