public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// A middleware that stores responses under composed keys and serves them without running the handler: drf-extensions'
/// `cache_response`.
///
/// ```swift
/// Pipeline {
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store, tags: ["city:{id}"], purgesTags: ["city:{id}"])
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
/// **Writes.** An unsafe request that succeeds purges the entries of its URL, and those with the ``CacheTags`` that the route
/// names. The purge is complete when the client has its response, and responses that were in progress during the purge are not
/// stored.
///
/// A failing store causes misses and is protected by a circuit breaker. A request whose key cannot be computed bypasses the cache.
public struct CacheResponseMiddleware: Middleware {
    private let engine: CacheEngine<RouteRules>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of stored responses; by default as in the settings.
    ///   - key: Produces the key; by default the key of the settings, which contains every part of a request that a response can
    ///     depend on.
    ///   - store: The store of the responses.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: The requests that a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: All other settings.
    ///   - runtime: The clocks, logger, metrics and background work.
    public init(
        _ lifetime: CacheLifetime = .settings,
        key: KeyConstructor? = nil,
        in store: any CacheStore,
        cacheErrors: Bool? = nil,
        sharing: Sharing? = nil,
        tags: CacheTags = .none,
        purgesTags: CacheTags = .none,
        settings: CacheSettings = .standard,
        runtime: CacheRuntime = CacheRuntime()
    ) {
        self.init(
            RoutePolicy(
                lifetime: lifetime, key: .constructor(key ?? settings.key), tags: tags, purgesTags: purgesTags),
            store, settings.with(cacheErrors: cacheErrors, sharing: sharing), runtime)
    }

    /// Creates the middleware with a store by name.
    ///
    /// An unknown name is a programming error and stops the application when it starts.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of stored responses; by default as in the settings.
    ///   - key: Produces the key; by default the key of the settings.
    ///   - cache: The name of the store; by default the name in the settings.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: The requests that a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: All other settings.
    ///   - runtime: The clocks, logger, metrics and background work.
    public init(
        _ lifetime: CacheLifetime = .settings,
        key: KeyConstructor? = nil,
        cache: String? = nil,
        of stores: CacheStores,
        cacheErrors: Bool? = nil,
        sharing: Sharing? = nil,
        tags: CacheTags = .none,
        purgesTags: CacheTags = .none,
        settings: CacheSettings = .standard,
        runtime: CacheRuntime = CacheRuntime()
    ) {
        let name = cache ?? settings.storeName
        guard let store = stores[name] else {
            // A failed precondition prints no message in a release build.
            fatalError("there is no cache called '\(name)'; the stores are \(stores.names)")
        }
        self.init(
            RoutePolicy(
                lifetime: lifetime, key: .constructor(key ?? settings.key), tags: tags, purgesTags: purgesTags),
            store, settings.with(cacheErrors: cacheErrors, sharing: sharing), runtime)
    }

    /// Creates the middleware with keys that the application computes: drf-extensions' `key_func`.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of stored responses; by default as in the settings.
    ///   - store: The store of the responses.
    ///   - separates: The parts of a request that the keys separate, for ``Sharing``. None by default: a request with credentials
    ///     then bypasses the cache.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: The requests that a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: All other settings.
    ///   - runtime: The clocks, logger, metrics and background work.
    ///   - key: Computes the key. If it returns nil or throws, the request bypasses the cache.
    public init(
        _ lifetime: CacheLifetime = .settings,
        in store: any CacheStore,
        separates: RequestSeparation = .none,
        cacheErrors: Bool? = nil,
        sharing: Sharing? = nil,
        tags: CacheTags = .none,
        purgesTags: CacheTags = .none,
        settings: CacheSettings = .standard,
        runtime: CacheRuntime = CacheRuntime(),
        key: @escaping @Sendable (Exchange) async throws -> CacheKey?
    ) {
        self.init(
            RoutePolicy(lifetime: lifetime, key: .closure(separates, key), tags: tags, purgesTags: purgesTags),
            store, settings.with(cacheErrors: cacheErrors, sharing: sharing), runtime)
    }

    private init(_ route: RoutePolicy, _ store: any CacheStore, _ settings: CacheSettings, _ runtime: CacheRuntime) {
        let rules = RouteRules(
            route, settings: settings,
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

extension CacheSettings {
    /// Returns the settings with the values that a route overrides.
    fileprivate func with(cacheErrors: Bool?, sharing: Sharing?) -> CacheSettings {
        var settings = self
        if let cacheErrors { settings.cachesErrors = cacheErrors }
        if let sharing { settings.sharing = sharing }
        return settings
    }
}
