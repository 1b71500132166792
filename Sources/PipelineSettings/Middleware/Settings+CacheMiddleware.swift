public import CacheMiddleware
public import KeyConstructor

extension Settings {
    /// Returns a cache middleware with these settings: drf-extensions' `cache_response`, and its mixins with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// An unknown store is a programming error and stops the application here, at its start.
    /// ``load(environment:jsonFile:prefix:keys:stores:base:)`` reports an unknown store in a file or variable as an
    /// error instead.
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - lifetime: The lifetime of a cached response. The default is that of the settings.
    ///   - key: The key to use instead of the one for such endpoints.
    ///   - cache: The name of the store. The default is that of the settings.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether errors are stored. The default is that of the settings.
    ///   - sharing: The requests that may get a cached response. The default is that of the settings.
    ///   - tags: The tags by which the responses can be purged.
    ///   - purgesTags: The tags whose entries a successful unsafe request purges.
    ///   - runtime: The clocks, logger, metrics and background work.
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

    /// Returns the cache key of an endpoint without its own key.
    private func cacheKey(for endpoint: Endpoint) -> KeyConstructor {
        switch endpoint {
        case .view: cache.key
        case .object: keys.objectCache
        case .list: keys.listCache
        }
    }
}
