public import CacheMiddleware
public import ETag

/// Everything an application sets about caching, entity tags and keys: drf-extensions' `REST_FRAMEWORK_EXTENSIONS`.
///
/// It is a value. The application makes it or loads it at its start, and makes its middleware of it:
///
/// ```swift
/// let settings = try Settings.load(jsonFile: "settings.json")
/// let stack = settings.pipeline {
///     settings.entityTagMiddleware(for: .list)
///     settings.cacheMiddleware(for: .list, of: stores)
/// }
/// ```
///
/// Each setting is read by the middleware that ``cacheMiddleware(for:lifetime:key:cache:of:cacheErrors:sharing:tags:purgesTags:runtime:)``,
/// ``entityTagMiddleware(for:rebuildAfterMethodEvaluation:serializing:lastModified:exists:timeSource:)``,
/// ``apiEntityTagMiddleware(for:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)`` and
/// ``pipeline(_:)`` make. A route that differs takes a copy and changes it, or says so in the call.
public struct Settings: Sendable {
    /// How answers are cached. `CacheSettings.standard` by default.
    public var cache: CacheSettings

    /// How answers are tagged and conditions evaluated. `ETagSettings.standard` by default.
    public var entityTags: ETagSettings

    /// The keys of endpoints that give an object or a list. ``DefaultKeys/standard`` by default.
    public var keys: DefaultKeys

    /// Whether keys that leave it open are computed once per request: drf-extensions'
    /// `DEFAULT_KEY_CONSTRUCTOR_MEMOIZE_FOR_REQUEST`. They are not by default.
    public var memoizesKeys: Bool

    /// A name of the running version of the application: a commit, a release, the digest of an image. None by default.
    ///
    /// Entries in a store outside the process, and the tags that clients have, are older than the code that reads them. With a build ID
    /// every key that the middleware made of these settings uses has a further bit, so that another build finds none of
    /// them: ``routeKey(_:)``. Without one keys are as composed, those of drf-extensions' constructors included. A digest of
    /// the body as the tag needs no build ID. <doc:LoadingSettings#Deploying-a-new-version> tells what to consider.
    ///
    /// Any text works; settings that are loaded have 1 to 128 visible ASCII characters.
    public var buildID: String?

    /// The keys that were made of routes' keys and a build ID, shared by copies of the settings.
    let buildKeys = BuildKeys()

    /// Creates settings; the defaults are those of ``standard``.
    public init(
        cache: CacheSettings = .standard,
        entityTags: ETagSettings = .standard,
        keys: DefaultKeys = .standard,
        memoizesKeys: Bool = false,
        buildID: String? = nil
    ) {
        self.cache = cache
        self.entityTags = entityTags
        self.keys = keys
        self.memoizesKeys = memoizesKeys
        self.buildID = buildID
    }

    /// What is right by default: nothing of one client reaches another, and tags follow what they name.
    public static let standard = Settings()

    /// The defaults of drf-extensions 0.8: keys of method, format and language, errors stored, whoever asks, tags that are
    /// keys, and no waiting, purging or Cache-Status.
    ///
    /// It gives the answer for one user, query or path to another, unless each key is composed with care. The bugs of
    /// the original that its documents do not promise are not restored, nor is the lack of a limit for bodies:
    /// `CacheSettings.maximumBodySize` stays 1 MiB.
    public static let drf = Settings(cache: .drf, entityTags: .drf, keys: .drf)
}
