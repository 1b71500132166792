public import CacheMiddleware
public import KeyConstructor

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
    /// The bits and the tags that are added to those of an action.
    private var bits: [ResourceAction: KeyConstructor] = [:]
    private var tags: [ResourceAction: CacheTags] = [:]
    var stamp: VersionStamp?

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

    /// Returns caching that stores the responses of an extra action with GET too, which may depend on any row of the resource but on nothing
    /// else.
    public func including(_ action: ResourceAction) -> Caching {
        var caching = self
        caching.actions.insert(action)
        return caching
    }

    /// Returns caching with further key bits and tags for one action: drf-extensions' `list_cache_key_func` with ``ResourceAction/list``, and
    /// `object_cache_key_func` with ``ResourceAction/retrieve``.
    ///
    /// The bits are added to those of the resource, so a key never separates less. They are a part of entity tags too. A purge by a tag does
    /// not change entity tags: for data of other code add a bit that changes with it, such as that of a `VersionStamp`.
    ///
    /// ```swift
    /// Caching(.minutes(15), in: store)
    ///     .adding(["currency": .headers(["x-currency"])], to: .list)
    ///     .adding(["prices": .custom(VersionStampKeyBit(prices))], tags: ["prices"], to: .retrieve)
    /// ```
    ///
    /// - Parameters:
    ///   - bits: The bits. One with the name of a bit of the resource does not replace it.
    ///   - tags: The tags.
    ///   - action: The action.
    /// - Returns: The caching.
    public func adding(
        _ bits: KeyConstructor = [:], tags: CacheTags = .none, to action: ResourceAction
    ) -> Caching {
        var caching = self
        caching.bits[action] = self.bits[action, default: [:]].adding(bits)
        caching.tags[action] = self.tags[action, default: .none].adding(tags)
        return caching
    }

    /// Whether an action has bits of its own.
    func hasBits(for action: ResourceAction) -> Bool { bits[action]?.names.isEmpty == false }

    /// Returns a key with the bits for an action.
    func key(_ key: KeyConstructor, for action: ResourceAction) -> KeyConstructor {
        bits[action].map { key.extended(by: $0, "caching") } ?? key
    }

    /// Returns the tags for an action.
    func tags(for action: ResourceAction) -> CacheTags {
        tags[action].map { settings.tags.adding($0) } ?? settings.tags
    }

    /// Sets the caching.
    public func apply(to settings: inout ResourceSettings) { settings.caching = self }
}

extension KeyConstructor {
    /// Returns the key with further bits, none of which replaces another.
    func extended(by bits: KeyConstructor, _ owner: String) -> KeyConstructor {
        let named = bits.names.compactMap { name -> (name: String, bit: Bit)? in
            (bits[name] as Bit?).map { ("\(owner).\(name)", $0) }
        }
        return named.isEmpty ? self : adding(KeyConstructor(named))
    }
}
