public import CacheMiddleware

/// Cached lists and single rows, with `CacheResponseMiddleware`: drf-extensions' `CacheResponseMixin`.
///
/// Keys contain the statement that reads the rows, and a version stamp that every write through the resource replaces. After a write to the
/// database by other code, call ``Resource/invalidate()``.
///
/// Two resources with one name over tables with one name share responses in one store. If the tables are in different databases, for
/// example of two tenants, give each a store of its own, such as a `RedisStore` with another prefix.
public struct Caching: ResourceFeature {
    let lifetime: CacheLifetime
    let store: any CacheStore
    let runtime: CacheRuntime
    let settings: CacheSettings
    let invalidations: InvalidationService
    private(set) var actions = ResourceAction.reading
    var stamp: VersionStamp?
    /// The stamp that the removal of a row replaces: a row that is created again under its key has the first version again.
    var removals: VersionStamp?

    /// Declares that responses are cached.
    ///
    /// - Parameters:
    ///   - lifetime: The lifetime of responses.
    ///   - store: The store.
    ///   - stamp: The stamp of the data; by default that of the table in the store, which all resources over the table share.
    ///   - runtime: The clocks, the logger and the background work.
    ///   - configure: Changes the settings of the cache, for example stale responses.
    public init(
        _ lifetime: CacheLifetime, in store: any CacheStore, stamp: VersionStamp? = nil,
        runtime: CacheRuntime = CacheRuntime(), configure: (inout CacheSettings) -> Void = { _ in }
    ) {
        self.lifetime = lifetime
        self.store = store
        self.runtime = runtime
        self.stamp = stamp
        var settings = CacheSettings.standard
        configure(&settings)
        self.settings = settings
        invalidations = InvalidationService(in: store, settings: settings, runtime: runtime)
    }

    /// Returns the caching of one action: drf-extensions' `ListCacheResponseMixin` with ``ResourceAction/list``, and
    /// `RetrieveCacheResponseMixin` with ``ResourceAction/retrieve``.
    public func only(_ action: ResourceAction) -> Caching {
        var caching = self
        caching.actions = [action]
        return caching
    }

    /// Sets the caching.
    public func apply(to settings: inout ResourceSettings) { settings.caching = self }
}
