public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// Stores responses under composed keys and serves them without running the handler: drf-extensions' `cache_response`.
///
/// ```swift
/// Pipeline {
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store, tags: ["city:{id}"], purgesTags: ["city:{id}"])
/// }
/// ```
///
/// **Reads.** GET and HEAD are answered from the store; only responses to GET are stored. Status, header fields and body are kept,
/// and a stored response has its Age (RFC 9111 section 5.1). Every response reports in Cache-Status (RFC 9211) what the cache did.
/// ``Sharing`` decides what may be stored; errors are stored only on request. A body of known size is collected up to
/// ``CacheSettings/maximumBodySize``; one of unknown size is sent to the client as it comes, and is stored when it has ended within
/// the limit.
///
/// **Concurrent requests** for a response that is not stored wait for one run of the handler (``SingleFlight``), and stale responses
/// may be served meanwhile (``StalePolicy``).
///
/// **Writes.** An unsafe request that succeeds purges the entries of its URL, and those with the ``CacheTags`` that the route names.
/// The purge is complete when the client has its response, and responses that were in progress meanwhile are not stored.
///
/// A failing store is a miss behind a circuit breaker, and a request whose key cannot be made bypasses the cache.
public struct CacheResponseMiddleware: Middleware {
    private let engine: CacheEngine<RouteRules>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - lifetime: How long a stored response is fresh; by default as in the settings.
    ///   - key: Makes the key; the default is that of the settings, which holds all that a response can depend on.
    ///   - store: Where responses are stored.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: Which requests a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
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
    /// An unknown name is a mistake in the application and stops it at its start.
    ///
    /// - Parameters:
    ///   - lifetime: How long a stored response is fresh; by default as in the settings.
    ///   - key: Makes the key; the default is that of the settings.
    ///   - cache: The name of the store; the default is that of the settings.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: Which requests a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
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
    ///   - lifetime: How long a stored response is fresh; by default as in the settings.
    ///   - store: Where responses are stored.
    ///   - separates: What of a request the keys separate, for ``Sharing``. Nothing by default: a request with credentials then
    ///     bypasses the cache.
    ///   - cacheErrors: Whether errors are stored; by default as in the settings.
    ///   - sharing: Which requests a stored response may answer; by default as in the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
    ///   - key: Makes the key. With nil, or an error, the request bypasses the cache.
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

    /// Answers from the store, or from what it wraps, and stores that response if it may be stored.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: What the cache wraps.
    /// - Returns: The reply with its Cache-Status.
    /// - Throws: What the handler throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        try await engine.handle(exchange, next: next)
    }
}

extension CacheSettings {
    /// Returns the settings with the ones that a route overrides.
    fileprivate func with(cacheErrors: Bool?, sharing: Sharing?) -> CacheSettings {
        var settings = self
        if let cacheErrors { settings.cachesErrors = cacheErrors }
        if let sharing { settings.sharing = sharing }
        return settings
    }
}
