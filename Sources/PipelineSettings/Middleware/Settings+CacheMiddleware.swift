public import CacheMiddleware
public import KeyConstructor

extension Settings {
    /// A cache with these settings: drf-extensions' `cache_response`, and its mixins with ``Endpoint/object`` and
    /// ``Endpoint/list``.
    ///
    /// A store that does not exist is a mistake in the application and stops it here, at its start; one that was named
    /// outside the program is found by ``load(environment:jsonFile:prefix:keys:stores:base:)``.
    ///
    /// - Parameters:
    ///   - endpoint: What the endpoint answers with, which decides on the key.
    ///   - lifetime: How long a stored response is fresh; by default as in the settings.
    ///   - key: Makes the key in place of the one for such endpoints.
    ///   - cache: The name of the store; the default is that of the settings.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether errors are stored; the default is what the settings say.
    ///   - sharing: Whose requests a stored answer may be given to; the default is what the settings say.
    ///   - tags: The tags by which the answers can be purged.
    ///   - purgesTags: The tags whose entries an unsafe request purges when it succeeds.
    ///   - runtime: Clocks, logger, metrics, background work.
    /// - Returns: The middleware.
    public func cacheMiddleware(
        for endpoint: Endpoint = .view,
        lifetime: CacheLifetime = .settings,
        key: KeyConstructor? = nil,
        cache: String? = nil,
        of stores: CacheStores,
        cacheErrors: Bool? = nil,
        sharing: Sharing? = nil,
        tags: CacheTags = .none,
        purgesTags: CacheTags = .none,
        runtime: CacheRuntime = CacheRuntime()
    ) -> CacheResponseMiddleware {
        CacheResponseMiddleware(
            lifetime, key: routeKey(key ?? cacheKey(for: endpoint)), cache: cache, of: stores,
            cacheErrors: cacheErrors, sharing: sharing, tags: tags, purgesTags: purgesTags, settings: self.cache,
            runtime: runtime
        )
    }

    /// The cache's key of an endpoint that gives none.
    private func cacheKey(for endpoint: Endpoint) -> KeyConstructor {
        switch endpoint {
        case .view: cache.key
        case .object: keys.objectCache
        case .list: keys.listCache
        }
    }
}
