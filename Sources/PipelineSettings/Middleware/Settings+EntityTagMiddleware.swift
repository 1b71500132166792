public import ETag
public import HTTPPipeline
public import KeyConstructor

extension Settings {
    /// Creates entity tags and conditional requests with these settings: drf-extensions' `etag`, and `ETAGMixin` with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// The tag is the key that the settings have for such endpoints, and otherwise the digest of the body. As a digest cannot guard
    /// updates, nothing can be required here: a route whose updates have to be conditional gives a key
    /// (``entityTagMiddleware(key:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``) or has a key by
    /// its settings (``apiEntityTagMiddleware(for:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``).
    ///
    /// - Parameters:
    ///   - endpoint: What the endpoint responds with, which decides on the key.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of what it wrote. The digest of a body is
    ///     not computed again.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - timeSource: The wall clock.
    /// - Returns: The middleware.
    public func entityTagMiddleware(
        for endpoint: Endpoint = .view,
        rebuildAfterMethodEvaluation: Bool = false,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        timeSource: any TimeSource = SystemTimeSource()
    ) -> ETagMiddleware {
        let key =
            switch endpoint {
            case .view: entityTags.defaultKey
            case .object: keys.objectEntityTag
            case .list: keys.listEntityTag
            }
        if let key {
            return entityTagMiddleware(
                key: key, rebuildAfterMethodEvaluation: rebuildAfterMethodEvaluation, serializing: serialization,
                lastModified: lastModified, exists: exists, timeSource: timeSource
            )
        }
        // The default key is that of views; an object or list whose setting is no key has none.
        var settings = entityTags
        settings.defaultKey = nil
        return ETagMiddleware(
            serializing: serialization, lastModified: lastModified, exists: exists, settings: settings,
            timeSource: timeSource
        )
    }

    /// Creates entity tags and conditional requests with these settings and the key of a route.
    ///
    /// - Parameters:
    ///   - key: Makes the tag. It has to change with the content.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of what it wrote.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - timeSource: The wall clock.
    /// - Returns: The middleware.
    public func entityTagMiddleware(
        key: KeyConstructor,
        rebuildAfterMethodEvaluation: Bool = false,
        requiring requirements: RequiredPreconditions = .none,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        timeSource: any TimeSource = SystemTimeSource()
    ) -> ETagMiddleware {
        ETagMiddleware(
            key: routeKey(key), rebuildAfterMethodEvaluation: rebuildAfterMethodEvaluation, requiring: requirements,
            serializing: serialization, lastModified: lastModified, exists: exists, settings: entityTags,
            timeSource: timeSource
        )
    }

    /// Creates entity tags for an API whose updates have to be conditional: drf-extensions' `APIETAGMixin`. With a key of the route's
    /// own, drf-extensions' `api_etag`, it is
    /// ``entityTagMiddleware(key:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``.
    ///
    /// Like the original it requires If-Match of PUT, PATCH and DELETE, and the response to an update has the new tag. The key is
    /// ``DefaultKeys/apiObjectEntityTag`` or ``DefaultKeys/apiListEntityTag``.
    ///
    /// - Parameters:
    ///   - endpoint: What the endpoint responds with, which decides on the key.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of what it wrote.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - timeSource: The wall clock.
    /// - Returns: The middleware.
    public func apiEntityTagMiddleware(
        for endpoint: APIEndpoint,
        rebuildAfterMethodEvaluation: Bool = true,
        requiring requirements: RequiredPreconditions = .updates,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        timeSource: any TimeSource = SystemTimeSource()
    ) -> ETagMiddleware {
        entityTagMiddleware(
            key: endpoint == .object ? keys.apiObjectEntityTag : keys.apiListEntityTag,
            rebuildAfterMethodEvaluation: rebuildAfterMethodEvaluation, requiring: requirements,
            serializing: serialization, lastModified: lastModified, exists: exists, timeSource: timeSource
        )
    }
}
