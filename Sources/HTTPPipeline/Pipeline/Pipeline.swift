/// Middleware in a fixed order, outermost first.
///
/// ```swift
/// let stack = Pipeline {
///     ETagMiddleware(key: .city)
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store)
/// }
/// let cached = stack.wrap { exchange in try await listCities(exchange) }
/// ```
///
/// A request passes through the middleware from first to last and then reaches the handler; the reply passes back in reverse order.
/// An adapter runs the pipeline inside a web framework.
public struct Pipeline: Sendable {
    /// The middleware, outermost first.
    public let middleware: [any Middleware]

    /// Whether keys are memoized per request unless they specify it themselves: drf-extensions'
    /// `DEFAULT_KEY_CONSTRUCTOR_MEMOIZE_FOR_REQUEST`.
    public let memoizesByDefault: Bool
    /// Whether the application has turned memoization off, also for exchanges of an outer pipeline.
    private let disablesMemoization: Bool

    /// Creates a pipeline from an array of middleware, outermost first.
    ///
    /// - Parameters:
    ///   - middleware: The middleware.
    ///   - memoizesByDefault: Whether keys are memoized per request unless they specify it themselves. A pipeline of one
    ///     middleware memoizes no key, because no other middleware can use it.
    public init(_ middleware: [any Middleware], memoizesByDefault: Bool = true) {
        self.middleware = middleware
        self.memoizesByDefault = memoizesByDefault && middleware.count > 1
        disablesMemoization = !memoizesByDefault
    }

    /// Creates a pipeline from the middleware in a closure, outermost first.
    ///
    /// - Parameters:
    ///   - memoizesByDefault: Whether keys are memoized per request unless they specify it themselves. A pipeline of one
    ///     middleware memoizes no key, because no other middleware can use it.
    ///   - middleware: The middleware.
    public init(memoizesByDefault: Bool = true, @PipelineBuilder _ middleware: () throws -> [any Middleware]) rethrows {
        self.init(try middleware(), memoizesByDefault: memoizesByDefault)
    }

    /// Wraps a handler in the middleware.
    ///
    /// - Parameter handler: The innermost handler. Middleware may run it in the background, after the response was sent.
    /// - Returns: The wrapped handler.
    public func wrap(_ handler: @escaping Handler) -> Handler {
        { exchange in try await respond(to: exchange, detachable: handler) }
    }

    /// Handles a request with a handler that must not outlive the call.
    ///
    /// For adapters of frameworks whose handlers are valid only during one call. ``Next/detached`` is then nil, and middleware does no
    /// background work.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - handler: The innermost handler.
    /// - Returns: The reply.
    /// - Throws: The errors of the handler and of middleware.
    @concurrent
    public func respond(
        to exchange: Exchange,
        scoped handler: @concurrent (Exchange) async throws -> Reply
    ) async throws -> Reply {
        try await withoutActuallyEscaping(handler) { @concurrent (handler) async throws -> Reply in
            try await run(exchange, .scoped(handler))
        }
    }

    /// Handles a request.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - handler: The innermost handler. It may run after the call has returned.
    /// - Returns: The reply.
    /// - Throws: The errors of the handler and of middleware.
    public func respond(to exchange: Exchange, detachable handler: @escaping Handler) async throws -> Reply {
        try await run(exchange, .detachable(handler))
    }

    /// Handles a request of a web framework.
    ///
    /// For adapters: in contrast to ``respond(to:detachable:)``, a request that a middleware answers costs no closure and no copy of
    /// the framework's request.
    ///
    /// - Parameters:
    ///   - exchange: The request. Its body is ``RequestBody/init(of:)`` of the framework's request.
    ///   - request: The framework's request and its handler, which may run after the call has returned.
    /// - Returns: The reply.
    /// - Throws: The errors of the handler and of middleware.
    public func respond(to exchange: Exchange, for request: any FrameworkRequest) async throws -> Reply {
        try await run(exchange, .framework(request))
    }

    /// Calls the first middleware directly, because often it is the only one that runs.
    @inline(__always)
    private func run(_ exchange: Exchange, _ terminal: Next.Terminal) async throws -> Reply {
        let exchange = entering(exchange)
        guard let first = middleware.first else {
            return try await Next(middleware: middleware, terminal: terminal)(exchange)
        }
        return try await first.handle(exchange, next: Next(middleware: middleware, position: 1, terminal: terminal))
    }

    /// Returns the exchange with the settings of this pipeline.
    private func entering(_ exchange: Exchange) -> Exchange {
        let memoizes = memoizesByDefault || exchange.memoizesByDefault && !disablesMemoization
        guard memoizes != exchange.memoizesByDefault else { return exchange }
        var exchange = exchange
        exchange.memoizesByDefault = memoizes
        return exchange
    }
}
