/// Middleware in a fixed order, outermost first.
///
/// ```swift
/// let stack = Pipeline {
///     ETagMiddleware(key: .city)
///     CacheResponseMiddleware(timeout: .minutes(15), key: .city, in: store)
/// }
/// let cached = stack.wrap { exchange in try await listCities(exchange) }
/// ```
///
/// A request passes the middleware from the first to the last, then the handler; the reply passes them the other way.
/// An adapter runs the same pipeline inside a web framework.
public struct Pipeline: Sendable {
    /// The middleware, outermost first.
    public let middleware: [any Middleware]

    /// Whether keys that leave it open are computed once per request: drf-extensions'
    /// `DEFAULT_KEY_CONSTRUCTOR_MEMOIZE_FOR_REQUEST`.
    public let memoizesByDefault: Bool

    /// Creates a pipeline of middleware, outermost first.
    ///
    /// - Parameters:
    ///   - middleware: The middleware.
    ///   - memoizesByDefault: Whether keys that leave it open are computed once per request.
    public init(_ middleware: [any Middleware], memoizesByDefault: Bool = false) {
        self.middleware = middleware
        self.memoizesByDefault = memoizesByDefault
    }

    /// Creates a pipeline of the middleware that the closure lists, outermost first.
    ///
    /// - Parameters:
    ///   - memoizesByDefault: Whether keys that leave it open are computed once per request.
    ///   - middleware: The middleware.
    public init(memoizesByDefault: Bool = false, @PipelineBuilder _ middleware: () -> [any Middleware]) {
        self.init(middleware(), memoizesByDefault: memoizesByDefault)
    }

    /// Puts the middleware around a handler.
    ///
    /// - Parameter handler: Answers what no middleware answered. It may be run after its request was answered, by
    ///   middleware that works in the background.
    /// - Returns: A handler that answers through the middleware.
    public func wrap(_ handler: @escaping Handler) -> Handler {
        { exchange in try await respond(to: exchange, detachable: handler) }
    }

    /// Answers one exchange through the middleware with a handler that must not outlive the call.
    ///
    /// This is for adapters of frameworks that lend their handler for one call. Middleware sees that from
    /// ``Next/detached`` being nil, and does no work in the background.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - handler: Answers what no middleware answered.
    /// - Returns: The reply.
    /// - Throws: What the handler or a middleware throws.
    @concurrent
    public func respond(
        to exchange: Exchange,
        scoped handler: @concurrent (Exchange) async throws -> Reply
    ) async throws -> Reply {
        try await withoutActuallyEscaping(handler) { @concurrent (handler) async throws -> Reply in
            try await Next(middleware: middleware, terminal: .scoped(handler))(entering(exchange))
        }
    }

    /// Answers one exchange through the middleware.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - handler: Answers what no middleware answered. It may be run after the call has returned.
    /// - Returns: The reply.
    /// - Throws: What the handler or a middleware throws.
    public func respond(to exchange: Exchange, detachable handler: @escaping Handler) async throws -> Reply {
        try await Next(middleware: middleware, terminal: .detachable(handler))(entering(exchange))
    }

    /// What the first middleware wraps, with the framework's handler at the end, for an exchange that is ``entering(_:)``.
    ///
    /// Adapters call the first middleware themselves, because most often it is the only one that runs.
    package func nextAfterFirst(for call: any FrameworkCall) -> Next {
        Next(middleware: middleware, position: 1, terminal: .call(call))
    }

    /// The exchange as the pipeline's middleware see it.
    package func entering(_ exchange: Exchange) -> Exchange {
        guard memoizesByDefault, !exchange.memoizesByDefault else { return exchange }
        var exchange = exchange
        exchange.memoizesByDefault = true
        return exchange
    }
}
