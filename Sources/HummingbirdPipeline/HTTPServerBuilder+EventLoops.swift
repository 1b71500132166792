#if Hummingbird
public import HummingbirdCore

extension HTTPServerBuilder {
    /// Returns a server for HTTP/1.1 that runs requests on the event loop of their connection instead of Swift's global
    /// pool.
    ///
    /// ```swift
    /// let application = Application(router: router, server: .onEventLoops())
    /// ```
    ///
    /// A request that is read, handled and answered on one thread wakes no other thread. Neither does a command that
    /// its handler, or its cache, sends to a Redis server on a connection of that event loop.
    ///
    /// While a handler computes, all other connections of the event loop wait: those of other requests, and those to
    /// servers, whose timeouts then fire late. Run long computations elsewhere
    /// (`withTaskExecutorPreference(globalConcurrentExecutor) { ... }`), and calls that block a thread on a
    /// `NIOThreadPool`.
    ///
    /// Clients that hold bodies back with `Expect: 100-continue`, such as curl with more than 1 MiB, are asked for them at once.
    ///
    /// For TLS, use Hummingbird's `.tls(.onEventLoops(), tlsConfiguration: ...)`, with `import HummingbirdTLS` from its
    /// product of the same name.
    ///
    /// - Parameter configuration: The configuration of Hummingbird's `http1`.
    /// - Returns: The server.
    public static func onEventLoops(configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        let configuration = adding({ ContinueHandler() }, to: configuration)
        return onEventLoops { HTTP1Channel(responder: $0, configuration: configuration) }
    }

    /// Returns a server as ``onEventLoops(configuration:)`` does, which also answers repeated requests for cached responses before it
    /// parses them.
    ///
    /// ```swift
    /// let hits = ChannelHits(runtime: runtime)
    /// let application = Application(router: router, server: .onEventLoops(answeringHits: hits))
    /// ```
    ///
    /// See <doc:AnsweringHitsInTheChannel> for the routes and requests that this applies to.
    ///
    /// - Parameters:
    ///   - hits: The configuration. Each server has its own responses.
    ///   - configuration: The configuration of Hummingbird's `http1`.
    /// - Returns: The server.
    public static func onEventLoops(
        answeringHits hits: ChannelHits, configuration: HTTP1Channel.Configuration = .init()
    ) -> HTTPServerBuilder {
        let isIdleLimited = configuration.idleTimeout != nil
        let configuration = adding({ ContinueHandler(findsHits: true) }, to: configuration)
        return HTTPServerBuilder { responder in
            HitChannel(
                HTTP1Channel(responder: responder, configuration: configuration), tables: HitTables(hits),
                marksActivity: isIdleLimited)
        }
    }

    private static func adding(
        _ handler: @escaping @Sendable () -> ContinueHandler, to configuration: HTTP1Channel.Configuration
    ) -> HTTP1Channel.Configuration {
        var configuration = configuration
        let handlers = configuration.additionalChannelHandlers
        configuration.additionalChannelHandlers = { [handler()] + handlers() }
        return configuration
    }

    /// Returns a server of any kind that runs requests on the event loop of their connection instead of Swift's global
    /// pool.
    ///
    /// `Hummingbird` exports neither this type nor the channels. They come from the products `HummingbirdCore` and `HummingbirdHTTP2` of
    /// the package `hummingbird`, which the target has to depend on:
    ///
    /// ```swift
    /// import HummingbirdCore   // HTTPServerBuilder
    /// import HummingbirdHTTP2  // HTTP2UpgradeChannel
    ///
    /// let server = HTTPServerBuilder.onEventLoops { responder in
    ///     try HTTP2UpgradeChannel(tlsConfiguration: tlsConfiguration, responder: responder)
    /// }
    /// ```
    ///
    /// - Parameter build: Creates the channel that handles connections, from the responder to requests.
    /// - Returns: The server.
    public static func onEventLoops<Base: ServerChildChannel>(
        _ build: @escaping @Sendable (@escaping HTTPChannelHandler.Responder) throws -> Base
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in EventLoopChannel(try build(responder)) }
    }
}
#endif
