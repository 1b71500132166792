public import CacheMiddleware
public import ETag

/// All settings of an application for caching, entity tags and keys: drf-extensions' `REST_FRAMEWORK_EXTENSIONS`.
///
/// Settings are a value. The application creates or loads them at its start, and creates its middleware from them:
///
/// ```swift
/// let settings = try Settings.load(jsonFile: "settings.json")
/// let store = try settings.store(in: stores)
/// let stack = settings.pipeline {
///     settings.entityTagMiddleware(for: .list)
///     settings.cacheMiddleware(for: .list, in: store)
/// }
/// ```
///
/// Each setting is read by the middleware that ``cacheMiddleware(for:key:in:runtime:configure:)``,
/// ``entityTagMiddleware(for:timeSource:configure:)``, ``apiEntityTagMiddleware(for:requiring:timeSource:configure:)`` and ``pipeline(_:)``
/// create. A route that differs changes its settings in the closure of the call.
public struct Settings: Sendable {
    /// The settings of caching. `CacheSettings.standard` by default.
    public var cache: CacheSettings = .standard

    /// The settings of entity tags and conditions. `ETagSettings.standard` by default.
    public var entityTags: ETagSettings = .standard

    /// The keys of endpoints that return an object or a list. ``DefaultKeys/standard`` by default.
    public var keys: DefaultKeys = .standard

    /// Whether keys that do not specify it are computed once per request: drf-extensions'
    /// `DEFAULT_KEY_CONSTRUCTOR_MEMOIZE_FOR_REQUEST`. True by default.
    public var memoizesKeys = true

    /// The ID of the running version of the application: a commit, a release, the digest of an image. nil by default.
    ///
    /// Entries in a store outside of the process, and the tags that clients have, can be older than the code that reads
    /// them. With a build ID, every key of middleware that these settings create has an additional bit, so that another
    /// build neither finds the entries of this build nor matches its tags: see ``routeKey(_:)``. Without a build ID,
    /// keys do not change, including those of drf-extensions' constructors. A body digest as the tag needs no build ID.
    /// For the consequences see <doc:LoadingSettings#Deploying-a-new-version>.
    ///
    /// Any text is valid in code; a loaded build ID must have 1 to 128 visible ASCII characters.
    public var buildID: String?

    /// The keys that combine keys of routes with a build ID, shared by copies of the settings.
    let buildKeys = BuildKeys()

    /// The settings of stores and the administration.
    public var deployment = DeploymentSettings()

    /// Creates the settings of ``standard``.
    public init() {}

    /// The recommended settings: no response for one client reaches another, and tags follow the representations that
    /// they identify.
    public static let standard = Settings()

    /// The defaults of drf-extensions 0.8: keys of method, format and language that are not memoized, stored errors,
    /// responses shared between all clients, tags that are keys, and no coalescing, purging or Cache-Status.
    ///
    /// These settings return the response for one user, query or path to another, unless each key is composed with
    /// care. Bugs that the documentation of drf-extensions does not promise are not reproduced, and neither is the
    /// missing limit for bodies: `CacheSettings.maximumBodySize` remains 1 MiB.
    public static let drf: Settings = {
        var settings = Settings()
        settings.cache = .drf
        settings.entityTags = .drf
        settings.keys = .drf
        settings.memoizesKeys = false
        return settings
    }()
}
