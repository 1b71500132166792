public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// Stores answers under composed keys and gives them again without running the handler: drf-extensions' `cache_response`.
///
/// ```swift
/// Pipeline {
///     CacheResponseMiddleware(timeout: .minutes(15), key: .city, in: store, tags: ["city:{id}"], purgesTags: ["city:{id}"])
/// }
/// ```
///
/// **Reads.** GET and HEAD are answered from the store; only answers to GET are stored. Status, header fields and body are kept,
/// and a stored answer has its Age (RFC 9111 section 5.1). Every answer says in Cache-Status (RFC 9211) what the cache did. What
/// may be stored is decided by ``Sharing``; errors are stored only when asked for. A body of known size is collected up to
/// ``CacheSettings/maximumBodySize``; one of unknown size goes to the client as it comes, and is stored when it has ended within
/// the limit.
///
/// **Concurrent requests** for an answer that is not stored wait for one run of the handler (``SingleFlight``), and stale answers
/// may be given meanwhile (``StalePolicy``).
///
/// **Writes.** An unsafe request that succeeds purges what is stored of its URL, and the entries with ``CacheTags`` that the
/// route names. The purge is over when the client has its answer, and answers that were being made meanwhile are not stored.
///
/// A store that fails is a miss and is left alone for a while, and a key that cannot be made sends the request past the cache.
public struct CacheResponseMiddleware: Middleware {
    private let engine: CacheEngine

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - timeout: How long a stored answer is fresh; the default is what the settings say.
    ///   - key: Makes the key; the default is that of the settings, which holds all that an answer can depend on.
    ///   - store: Where answers are kept.
    ///   - cacheErrors: Whether errors are stored; the default is what the settings say.
    ///   - sharing: Whose requests a stored answer may be given to; the default is what the settings say.
    ///   - tags: The tags by which the answers can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
    public init(
        timeout: CacheTimeout = .settings,
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
            timeout, .constructor(key ?? settings.key), store, cacheErrors, sharing, tags, purgesTags, settings, runtime
        )
    }

    /// Creates the middleware with a store by name.
    ///
    /// A name that is not among the stores is a mistake in the application and stops it here, at its start.
    ///
    /// - Parameters:
    ///   - timeout: How long a stored answer is fresh; the default is what the settings say.
    ///   - key: Makes the key; the default is that of the settings.
    ///   - cache: The name of the store; the default is that of the settings.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether errors are stored; the default is what the settings say.
    ///   - sharing: Whose requests a stored answer may be given to; the default is what the settings say.
    ///   - tags: The tags by which the answers can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
    public init(
        timeout: CacheTimeout = .settings,
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
        let name = cache ?? settings.cacheName
        guard let store = stores[name] else {
            // A failed precondition says nothing in a release build.
            fatalError("there is no cache called '\(name)'; the stores are \(stores.names)")
        }
        self.init(
            timeout, .constructor(key ?? settings.key), store, cacheErrors, sharing, tags, purgesTags, settings, runtime
        )
    }

    /// Creates the middleware with keys of the application's own making: drf-extensions' `key_func`.
    ///
    /// - Parameters:
    ///   - timeout: How long a stored answer is fresh; the default is what the settings say.
    ///   - store: Where answers are kept.
    ///   - separates: What of a request the keys tell apart, for ``Sharing``. Nothing by default: a request with credentials then
    ///     goes past the cache.
    ///   - cacheErrors: Whether errors are stored; the default is what the settings say.
    ///   - sharing: Whose requests a stored answer may be given to; the default is what the settings say.
    ///   - tags: The tags by which the answers can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - settings: Everything else.
    ///   - runtime: Clocks, logger, metrics, background work.
    ///   - key: Makes the key. nil, and an error, send the request past the cache.
    public init(
        timeout: CacheTimeout = .settings,
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
        self.init(timeout, .closure(separates, key), store, cacheErrors, sharing, tags, purgesTags, settings, runtime)
    }

    private init(
        _ timeout: CacheTimeout,
        _ key: CacheKeySource,
        _ store: any CacheStore,
        _ cacheErrors: Bool?,
        _ sharing: Sharing?,
        _ tags: CacheTags,
        _ purgesTags: CacheTags,
        _ settings: CacheSettings,
        _ runtime: CacheRuntime
    ) {
        var settings = settings
        if let cacheErrors { settings.cachesErrors = cacheErrors }
        if let sharing { settings.sharing = sharing }
        engine = CacheEngine(
            timeout: timeout, key: key, store: store, tags: tags, purgesTags: purgesTags, settings: settings,
            runtime: runtime
        )
    }

    /// Answers from the store, or from what it wraps, and stores that answer if it may be.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: What the cache wraps.
    /// - Returns: The reply with its Cache-Status.
    /// - Throws: What the handler throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let isHead: Bool
        switch exchange.request.method {
        case .get: isHead = false
        case .head: isHead = true
        default: return try await engine.write(exchange, next: next)
        }
        var look = CacheEngine.FirstLook.nested
        if let reply = engine.immediateReply(to: exchange, isHead: isHead, next: next, otherwise: &look) {
            return reply
        }
        return try await engine.answer(exchange, isHead: isHead, after: look, next: next)
    }
}
