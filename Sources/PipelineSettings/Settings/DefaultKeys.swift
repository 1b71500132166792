public import KeyConstructor

/// The keys of endpoints that return an object or a list and whose route has no key: the settings of drf-extensions'
/// mixins.
///
/// A tag must change with the representation that it identifies. nil for a tag is the digest of the body, which always
/// does. The digest is not known before the handler runs, so it cannot guard updates; the tags of APIs whose updates
/// must be conditional are keys.
public struct DefaultKeys: Sendable, Hashable {
    /// The cache key of one object: `DEFAULT_OBJECT_CACHE_KEY_FUNC`. `KeyConstructor.safeDefaultObject` by default.
    public var objectCache: KeyConstructor = .safeDefaultObject

    /// The cache key of a list: `DEFAULT_LIST_CACHE_KEY_FUNC`. `KeyConstructor.safeDefaultList` by default.
    public var listCache: KeyConstructor = .safeDefaultList

    /// The tag of one object: `DEFAULT_OBJECT_ETAG_FUNC`. The digest of the body by default.
    public var objectEntityTag: KeyConstructor?

    /// The tag of a list: `DEFAULT_LIST_ETAG_FUNC`. The digest of the body by default.
    public var listEntityTag: KeyConstructor?

    /// The tag of one object of an API whose updates must be conditional: `DEFAULT_API_OBJECT_ETAG_FUNC`.
    /// `KeyConstructor.safeModelInstance` by default.
    public var apiObjectEntityTag: KeyConstructor = .safeModelInstance

    /// The tag of a list of such an API: `DEFAULT_API_LIST_ETAG_FUNC`. `KeyConstructor.safeModelList` by default.
    public var apiListEntityTag: KeyConstructor = .safeModelList

    /// Creates the keys of ``standard``.
    public init() {}

    /// Keys with everything that a response can depend on, and tags that follow the content.
    public static let standard = DefaultKeys()

    /// The keys of drf-extensions: statements that do not change with the data, including in tags, and rows without
    /// their view, format and language.
    public static let drf: DefaultKeys = {
        var keys = DefaultKeys()
        keys.objectCache = .defaultObject
        keys.listCache = .defaultList
        keys.objectEntityTag = .defaultObject
        keys.listEntityTag = .defaultList
        keys.apiObjectEntityTag = .defaultModelInstance
        keys.apiListEntityTag = .defaultModelList
        return keys
    }()
}
