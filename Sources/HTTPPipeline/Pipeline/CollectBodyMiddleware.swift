import HTTPTypes

/// Reads the body of a request into one buffer, for what further in looks at it as well as the handler.
///
/// A body above the limit is answered 413 (RFC 9110 section 15.5.14), because what has been read cannot be read again.
public struct CollectBodyMiddleware: Middleware {
    private let limit: Int

    /// Creates the middleware.
    ///
    /// - Parameter limit: The largest body to accept, in bytes.
    public init(upTo limit: Int) {
        self.limit = limit
    }

    /// Hands the exchange on with the body as a buffer.
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
