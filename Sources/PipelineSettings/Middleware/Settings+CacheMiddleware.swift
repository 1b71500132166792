public import CacheMiddleware
public import KeyConstructor

extension Settings {
    /// Returns a cache middleware with these settings: drf-extensions' `cache_response`, and its mixins with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// ```swift
    /// settings.cacheMiddleware(for: .object, in: store) { $0.tags = ["city:{id}"] }
    /// ```
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - key: The key, whatever the settings have.
    ///   - store: The store, see ``store(in:)``.
    ///   - runtime: The clocks, logger, metrics and background work.
    ///   - configure: Changes the settings of this middleware, which are ``cache`` with the key of such endpoints before.
    /// - Returns: The middleware.
    public func cacheMiddleware(
        for endpoint: Endpoint = .view,
        key: KeyConstructor? = nil,
        in store: any CacheStore,
        runtime: CacheRuntime = CacheRuntime(),
        configure: (inout CacheSettings) -> Void = { _ in }
    ) -> CacheResponseMiddleware {
        var settings = cache
        settings.key = cacheKey(for: endpoint)
        configure(&settings)
        let routeKey = routeKey(key ?? settings.key)
        return CacheResponseMiddleware(key: routeKey, in: store, runtime: runtime) { $0 = settings }
    }

    /// Returns the store of an application that the settings name.
    ///
    /// - Parameter stores: The application's stores.
    /// - Returns: The store called `CacheSettings.storeName`.
    /// - Throws: An error with the names of the existing stores.
    public func store(in stores: CacheStores) throws(UnknownStore) -> any CacheStore {
        try stores.store(named: cache.storeName)
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
