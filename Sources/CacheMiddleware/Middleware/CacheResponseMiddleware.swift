public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// A middleware that stores responses under composed keys and serves them without running the handler: drf-extensions'
/// `cache_response`.
///
/// ```swift
/// Pipeline {
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store) {
///         $0.tags = ["city:{id}"]
///         $0.purgesTags = ["city:{id}"]
///     }
/// }
/// ```
///
/// **Reads.** The cache answers GET and HEAD from the store, and stores only responses to GET. It stores status, header fields and
/// body, and sends a cached response with its Age (RFC 9111 section 5.1). The Cache-Status field (RFC 9211) of every response
/// reports what the cache did. ``Sharing`` decides which responses may be stored; errors are stored only on request. A body of
/// known size is collected up to ``CacheSettings/maximumBodySize``; one of unknown size is streamed to the client, and is stored
/// once it has ended within the limit.
///
/// **Concurrent requests** for a missing response wait for one run of the handler (``SingleFlight``), and stale responses may be
/// served in the meantime (``StalePolicy``).
///
/// **Writes.** An unsafe request that succeeds purges the entries of its URL, and those with the tags in
/// ``CacheSettings/purgesTags``. The purge is complete when the client has its response, and responses that were in progress during the purge are not
/// stored.
///
/// A failing store causes misses and is protected by a circuit breaker. A request whose key cannot be computed bypasses the cache.
public struct CacheResponseMiddleware: Middleware {
    private let engine: CacheEngine<RouteRules>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of stored responses; by default ``CacheSettings/lifetime``.
    ///   - key: Produces the key; by default ``CacheSettings/key``, which contains every part of a request that a response can
    ///     depend on.
    ///   - store: The store of the responses.
    ///   - runtime: The clocks, logger, metrics and background work.
    ///   - configure: Changes the settings, which are ``CacheSettings/standard`` before.
    public init(
        _ lifetime: CacheLifetime = .settings,
        key: KeyConstructor? = nil,
        in store: any CacheStore,
        runtime: CacheRuntime = CacheRuntime(),
        configure: (inout CacheSettings) -> Void = { _ in }
    ) {
        var settings = CacheSettings.standard
        configure(&settings)
        self.init(lifetime, key: .constructor(key ?? settings.key), in: store, settings: settings, runtime: runtime)
    }

    /// Creates the middleware with keys that the application computes: drf-extensions' `key_func`.
    ///
    /// ```swift
    /// CacheResponseMiddleware(.minutes(15), key: .computed { exchange in CacheKey(digestOf: versions[exchange.route.view]) }, in: store)
    /// ```
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of stored responses; by default ``CacheSettings/lifetime``.
    ///   - key: Computes the key.
    ///   - store: The store of the responses.
    ///   - runtime: The clocks, logger, metrics and background work.
    ///   - configure: Changes the settings, which are ``CacheSettings/standard`` before.
    public init(
        _ lifetime: CacheLifetime = .settings,
        key: CacheKeyFunction,
        in store: any CacheStore,
        runtime: CacheRuntime = CacheRuntime(),
        configure: (inout CacheSettings) -> Void = { _ in }
    ) {
        var settings = CacheSettings.standard
        configure(&settings)
        self.init(lifetime, key: .function(key), in: store, settings: settings, runtime: runtime)
    }

    private init(
        _ lifetime: CacheLifetime, key: CacheKeySource, in store: any CacheStore, settings: CacheSettings,
        runtime: CacheRuntime
    ) {
        let rules = RouteRules(
            lifetime, key: key, settings: settings,
            omittedTags: OmittedTagReporter(name: settings.name, logger: runtime.logger))
        engine = CacheEngine(rules: rules, store: store, settings: settings, runtime: runtime)
    }

    /// Responds from the store, or forwards the request and stores the response if it may be stored.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: The handler that the cache wraps.
    /// - Returns: The response with its Cache-Status.
    /// - Throws: Any error that the handler throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        try await engine.handle(exchange, next: next)
    }
}
