#if Hummingbird
public import HummingbirdCore

extension HTTPServerBuilder {
    /// A server for HTTP/1.1 that runs requests on the event loop of their connection, and not on Swift's global pool.
    ///
    /// ```swift
    /// let application = Application(router: router, server: .onEventLoops())
    /// ```
    ///
    /// A request that is read, handled and answered on one thread wakes no other up, and neither does a command that its handler, or its
    /// cache, sends to a Redis server on a connection of that event loop.
    ///
    /// What a handler computes keeps the event loop's connections waiting: those of other requests, and those to servers, whose time-outs
    /// come late then. So what takes long runs elsewhere (`withTaskExecutorPreference(globalConcurrentExecutor) { ... }`), and what blocks
    /// a thread, on a `NIOThreadPool`.
    ///
    /// For TLS there is Hummingbird's `.tls(.onEventLoops(), tlsConfiguration: ...)`, with `import HummingbirdTLS` from its product of
    /// the same name.
    ///
    /// - Parameter configuration: What Hummingbird's `http1` takes.
    /// - Returns: The server.
    public static func onEventLoops(configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        onEventLoops { responder in HTTP1Channel(responder: responder, configuration: configuration) }
    }

    /// A server of any kind that runs requests on the event loop of their connection, and not on Swift's global pool.
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
    /// - Parameter build: Makes what handles connections; it is given what answers requests.
    /// - Returns: The server.
    public static func onEventLoops<Base: ServerChildChannel>(
        _ build: @escaping @Sendable (@escaping HTTPChannelHandler.Responder) throws -> Base
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in EventLoopChannel(try build(responder)) }
    }
}
#endif
