public import ETag
public import HTTPPipeline
public import KeyConstructor

extension Settings {
    /// Entity tags and conditional requests with these settings: drf-extensions' `etag`, and `ETAGMixin` with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// The tag is the key, and where neither the call nor the settings have one the digest of the body.
    ///
    /// - Parameters:
    ///   - endpoint: What the endpoint answers with, which decides on the key.
    ///   - key: Makes the tag in place of the key for such endpoints.
    ///   - rebuildAfterMethodEvaluation: Whether the answer to a PUT or PATCH carries the tag of what it wrote. The digest of a
    ///     body is not made anew.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - timeSource: Tells the time.
    /// - Returns: The middleware.
    public func entityTagMiddleware(
        for endpoint: Endpoint = .view,
        key: KeyConstructor? = nil,
        rebuildAfterMethodEvaluation: Bool = false,
        requiring requirements: RequiredPreconditions = .none,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        timeSource: any TimeSource = SystemTimeSource()
    ) -> ETagMiddleware {
        let settingsKey =
            switch endpoint {
            case .view: entityTags.defaultKey
            case .object: keys.objectEntityTag
            case .list: keys.listEntityTag
            }
        return middleware(
            key ?? settingsKey, rebuilds: rebuildAfterMethodEvaluation, requirements, serialization, lastModified,
            exists, timeSource
        )
    }

    /// The same for an API whose updates have to be conditional: drf-extensions' `api_etag`, and `APIETAGMixin` with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// Like the original it requires If-Match of PUT, PATCH and DELETE, and the answer to an update carries the new tag. The
    /// original has no default for ``Endpoint/view``; here it is that of `entityTags`.
    ///
    /// - Parameters:
    ///   - endpoint: What the endpoint answers with, which decides on the key.
    ///   - key: Makes the tag in place of the key for such endpoints.
    ///   - rebuildAfterMethodEvaluation: Whether the answer to a PUT or PATCH carries the tag of what it wrote.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - timeSource: Tells the time.
    /// - Returns: The middleware.
    public func apiEntityTagMiddleware(
        for endpoint: Endpoint,
        key: KeyConstructor? = nil,
        rebuildAfterMethodEvaluation: Bool = true,
        requiring requirements: RequiredPreconditions = .updates,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        timeSource: any TimeSource = SystemTimeSource()
    ) -> ETagMiddleware {
        let settingsKey =
            switch endpoint {
            case .view: entityTags.defaultKey
            case .object: keys.apiObjectEntityTag
            case .list: keys.apiListEntityTag
            }
        return middleware(
            key ?? settingsKey, rebuilds: rebuildAfterMethodEvaluation, requirements, serialization, lastModified,
            exists, timeSource
        )
    }

    private func middleware(
        _ key: KeyConstructor?,
        rebuilds: Bool,
        _ requirements: RequiredPreconditions,
        _ serialization: UpdateSerialization,
        _ lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)?,
        _ exists: (@Sendable (Exchange) async throws -> Bool)?,
        _ timeSource: any TimeSource
    ) -> ETagMiddleware {
        if let key {
            return ETagMiddleware(
                key: memoized(key), rebuildAfterMethodEvaluation: rebuilds, requiring: requirements,
                serializing: serialization, lastModified: lastModified, exists: exists, settings: entityTags,
                timeSource: timeSource
            )
        }
        // The default key is that of views; an object or list whose setting is no key has none.
        var settings = entityTags
        settings.defaultKey = nil
        guard requirements.fields.isEmpty else {
            fatalError(
                "updates can be required to be conditional only where the tag is a key, not the digest of a body")
        }
        return ETagMiddleware(
            serializing: serialization, lastModified: lastModified, exists: exists,
            settings: settings, timeSource: timeSource
        )
    }
}
