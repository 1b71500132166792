public import ETag
public import HTTPPipeline
public import KeyConstructor

extension Settings {
    /// Returns an entity tag middleware with these settings: drf-extensions' `etag`, and `ETAGMixin` with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// The tag is the key that the settings have for such endpoints, or else the digest of the body. A digest cannot
    /// guard updates, so there are no required conditions here. If the updates of a route must be conditional, give it
    /// a key
    /// (``entityTagMiddleware(key:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``)
    /// or use the key of the settings
    /// (``apiEntityTagMiddleware(for:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``).
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of the written
    ///     representation. The digest of a body is not recomputed.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified.
    ///   - exists: Returns whether the resource has a current representation, for `*` in the conditions of updates.
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
        // The default key applies to views only; an object or list without a key in the settings has none.
        var settings = entityTags
        settings.defaultKey = nil
        return ETagMiddleware(
            serializing: serialization, lastModified: lastModified, exists: exists, settings: settings,
            timeSource: timeSource
        )
    }

    /// Returns an entity tag middleware with these settings and the key of a route.
    ///
    /// - Parameters:
    ///   - key: The key that produces the tag. It must change with the content.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of the written
    ///     representation.
    ///   - requirements: The requests that must be conditional.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified.
    ///   - exists: Returns whether the resource has a current representation, for `*` in the conditions of updates.
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

    /// Returns an entity tag middleware for an API whose updates must be conditional: drf-extensions' `APIETAGMixin`.
    /// For a route with its own key, drf-extensions' `api_etag`, use
    /// ``entityTagMiddleware(key:rebuildAfterMethodEvaluation:requiring:serializing:lastModified:exists:timeSource:)``.
    ///
    /// As in drf-extensions, PUT, PATCH and DELETE require If-Match, and the response to an update has the new tag. The
    /// key is ``DefaultKeys/apiObjectEntityTag`` or ``DefaultKeys/apiListEntityTag``.
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of the written
    ///     representation.
    ///   - requirements: The requests that must be conditional.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified.
    ///   - exists: Returns whether the resource has a current representation, for `*` in the conditions of updates.
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
