public import ETag
public import KeyConstructor

extension Settings {
    /// Returns an entity tag middleware with these settings: drf-extensions' `etag`, and `ETAGMixin` with
    /// ``Endpoint/object`` and ``Endpoint/list``.
    ///
    /// The tag is the key that the settings have for such endpoints, or else the digest of the body. A digest cannot
    /// guard updates, so there are no required conditions here. If the updates of a route must be conditional, give it
    /// a key (``entityTagMiddleware(key:requiring:timeSource:configure:)``) or use the key of the settings
    /// (``apiEntityTagMiddleware(for:requiring:timeSource:configure:)``).
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings of this middleware, which are ``entityTags`` with the key of such endpoints
    ///     before.
    /// - Returns: The middleware.
    public func entityTagMiddleware(
        for endpoint: Endpoint = .view,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) -> ETagMiddleware {
        var settings = entityTags
        settings.defaultKey =
            switch endpoint {
            case .view: entityTags.defaultKey
            case .object: keys.objectEntityTag
            case .list: keys.listEntityTag
            }
        configure(&settings)
        guard let key = settings.defaultKey else { return ETagMiddleware(timeSource: timeSource) { $0 = settings } }
        return ETagMiddleware(key: routeKey(key), timeSource: timeSource) { $0 = settings }
    }

    /// Returns an entity tag middleware with these settings and the key of a route.
    ///
    /// - Parameters:
    ///   - key: The key that produces the tag. It must change with the content.
    ///   - requirements: The requests that must be conditional.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings of this middleware, which are ``entityTags`` before.
    /// - Returns: The middleware.
    public func entityTagMiddleware(
        key: KeyConstructor,
        requiring requirements: RequiredPreconditions = .none,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) -> ETagMiddleware {
        ETagMiddleware(key: routeKey(key), requiring: requirements, timeSource: timeSource) {
            $0 = entityTags
            configure(&$0)
        }
    }

    /// Returns an entity tag middleware for an API whose updates must be conditional: drf-extensions' `APIETAGMixin`.
    /// For a route with its own key, drf-extensions' `api_etag`, use ``entityTagMiddleware(key:requiring:timeSource:configure:)``.
    ///
    /// As in drf-extensions, PUT, PATCH and DELETE require If-Match, and the response to an update has the new tag. The
    /// key is ``DefaultKeys/apiObjectEntityTag`` or ``DefaultKeys/apiListEntityTag``.
    ///
    /// - Parameters:
    ///   - endpoint: The kind of response of the endpoint, which determines the key.
    ///   - requirements: The requests that must be conditional.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings of this middleware, which are ``entityTags`` before, with tags that are
    ///     rebuilt after updates.
    /// - Returns: The middleware.
    public func apiEntityTagMiddleware(
        for endpoint: APIEndpoint,
        requiring requirements: RequiredPreconditions = .updates,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) -> ETagMiddleware {
        entityTagMiddleware(
            key: endpoint == .object ? keys.apiObjectEntityTag : keys.apiListEntityTag,
            requiring: requirements, timeSource: timeSource
        ) {
            $0.rebuildsAfterMethodEvaluation = true
            configure(&$0)
        }
    }
}
