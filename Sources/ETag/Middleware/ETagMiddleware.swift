public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// A middleware that adds entity tags to responses and evaluates conditional requests (RFC 9110 section 13):
/// drf-extensions' `etag` and `api_etag`.
///
/// The tag is a key, the result of a closure, or the digest of the body:
///
/// ```swift
/// ETagMiddleware(key: .city, rebuildAfterMethodEvaluation: true, requiring: .updates)
/// ETagMiddleware { exchange in try await versions.tag(of: exchange.pathParameters["id"]) }
/// ETagMiddleware()
/// ```
///
/// With a key or a closure, the tag is known before the handler runs. A client that has the current representation then
/// gets 304, and an update of a representation that has changed in the meantime gets 412, both without running the
/// handler. The tag must change with the content: a key needs something like a version stamp. The digest of the body
/// always follows the content, but requires the handler.
///
/// **Reads.** Conditions of GET and HEAD are evaluated only if the response without them is 2xx, and a 304 has the
/// fields of that response which RFC 9110 section 15.4.5 names. The middleware records the fields of responses for a
/// minute; for other fields it runs the handler, or queries the cache in front of it. A tag or Last-Modified that a
/// handler sets itself is kept, and conditions are compared with it. If an If-Range does not hold, the client gets the
/// whole representation.
///
/// **Updates.** Conditions are evaluated before the handler runs, and updates of one resource on this node are
/// serialized (``UpdateSerialization``), so that no update is lost in between. A `uniqueMethodID` bit of a key includes
/// only the view, so PUT, PATCH and DELETE are compared with the tag that GET returned. A key does not show whether the
/// resource exists. Without `exists`, the handler decides on If-Match: `*`, and If-None-Match: `*` gets 412, so it
/// never overwrites a resource. With body tags, a condition on a tag can be evaluated before an update only if the
/// handler that reads the resource is known (``init(body:reading:requiring:serializing:settings:)``); otherwise the
/// response is 412.
///
/// Place authentication outside of this middleware: a 304 or 412 that needs no handler is sent without checking whether
/// the client is authorized.
public struct ETagMiddleware: Middleware {
    let source: ETagSource
    let rebuilds: Bool
    let requirements: RequiredPreconditions
    let serialization: UpdateSerialization
    let settings: ETagSettings
    let timeSource: any TimeSource
    let notModifiedFields: NotModifiedFields
    let lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)?
    private let exists: (@Sendable (Exchange) async throws -> Bool)?

    private init(
        source: ETagSource,
        rebuildAfterMethodEvaluation: Bool,
        requiring requirements: RequiredPreconditions,
        serializing serialization: UpdateSerialization,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)?,
        exists: (@Sendable (Exchange) async throws -> Bool)?,
        settings: ETagSettings,
        timeSource: any TimeSource
    ) {
        self.source = source
        self.rebuilds = rebuildAfterMethodEvaluation
        self.requirements = requirements
        self.serialization = serialization
        self.lastModified = lastModified
        self.exists = exists
        self.settings = settings
        self.timeSource = timeSource
        self.notModifiedFields = NotModifiedFields(timeSource: timeSource)
    }

    /// Creates the middleware with the key of a constructor as the tag.
    ///
    /// - Parameters:
    ///   - key: The key that produces the tag.
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of the written
    ///     representation, recomputed after the handler has run. Otherwise the response has no tag, because the
    ///     previous tag names the replaced representation.
    ///   - requirements: The requests that must be conditional.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified, for conditions on
    ///     dates. It is sent as Last-Modified once its second is over. Without it, the handler's own Last-Modified is
    ///     used for GET and HEAD, and If-Unmodified-Since does not guard updates: a condition without a known date is
    ///     ignored (RFC 9110 section 13.1.4).
    ///   - exists: Returns whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - settings: The behavior where RFC 9110 and drf-extensions differ.
    ///   - timeSource: The wall clock.
    public init(
        key: KeyConstructor,
        rebuildAfterMethodEvaluation: Bool = false,
        requiring requirements: RequiredPreconditions = .none,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        settings: ETagSettings = .standard,
        timeSource: any TimeSource = SystemTimeSource()
    ) {
        self.init(
            source: .key(key, separatesMethods: settings.separatesMethods),
            rebuildAfterMethodEvaluation: rebuildAfterMethodEvaluation, requiring: requirements,
            serializing: serialization, lastModified: lastModified, exists: exists, settings: settings,
            timeSource: timeSource
        )
    }

    /// Creates the middleware with a tag that the application computes.
    ///
    /// - Parameters:
    ///   - rebuildAfterMethodEvaluation: Whether the response to a PUT or PATCH has the tag of the written
    ///     representation.
    ///   - requirements: The requests that must be conditional.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified.
    ///   - settings: The behavior where RFC 9110 and drf-extensions differ.
    ///   - timeSource: The wall clock.
    ///   - tag: Returns the tag of the current representation for the request, or nil if there is no representation:
    ///     If-Match then fails and If-None-Match holds.
    public init(
        rebuildAfterMethodEvaluation: Bool = false,
        requiring requirements: RequiredPreconditions = .none,
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        settings: ETagSettings = .standard,
        timeSource: any TimeSource = SystemTimeSource(),
        tag: @escaping @Sendable (Exchange) async throws -> EntityTag?
    ) {
        self.init(
            source: .computed(tag), rebuildAfterMethodEvaluation: rebuildAfterMethodEvaluation, requiring: requirements,
            serializing: serialization, lastModified: lastModified, exists: nil, settings: settings,
            timeSource: timeSource
        )
    }

    /// Creates the middleware with the digest of the body as the tag, or with the default key of the settings.
    ///
    /// A body tag is not known before an update, so updates cannot be required to be conditional; see
    /// ``init(body:reading:requiring:serializing:settings:)``.
    ///
    /// - Parameters:
    ///   - body: Computes the tag.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - lastModified: Returns the time at which the current representation was last modified.
    ///   - exists: Returns whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - settings: The behavior where RFC 9110 and drf-extensions differ.
    ///   - timeSource: The wall clock.
    public init(
        body: BodyETag = BodyETag(),
        serializing serialization: UpdateSerialization = .perResource,
        lastModified: (@Sendable (Exchange) async throws -> HTTPDate?)? = nil,
        exists: (@Sendable (Exchange) async throws -> Bool)? = nil,
        settings: ETagSettings = .standard,
        timeSource: any TimeSource = SystemTimeSource()
    ) {
        self.init(
            source: settings.defaultKey.map { .key($0, separatesMethods: settings.separatesMethods) }
                ?? .body(body, reading: nil),
            rebuildAfterMethodEvaluation: false,
            requiring: .none, serializing: serialization, lastModified: lastModified, exists: exists,
            settings: settings, timeSource: timeSource
        )
    }

    /// Creates the middleware with the digest of the body as the tag, including for the conditions of updates.
    ///
    /// ```swift
    /// ETagMiddleware(reading: { exchange in try await showArticle(exchange) }, requiring: .updates)
    /// ```
    ///
    /// Before an update with conditions, and after a successful PUT or PATCH, the middleware calls `read` for the
    /// current representation with a GET request without a body and without conditions. `read` must return the bytes
    /// with which the service responds to GET of the resource. 404 and 410 mean that there is no representation; any
    /// other status that is not 2xx fails the update.
    ///
    /// - Parameters:
    ///   - body: Computes the tag. A representation above its limit fails a conditional update.
    ///   - read: The handler of GET for the resource.
    ///   - requirements: The requests that must be conditional.
    ///   - serialization: The rule that determines which updates wait for each other.
    ///   - settings: The behavior where RFC 9110 and drf-extensions differ.
    public init(
        body: BodyETag = BodyETag(),
        reading read: @escaping Handler,
        requiring requirements: RequiredPreconditions = .none,
        serializing serialization: UpdateSerialization = .perResource,
        settings: ETagSettings = .standard
    ) {
        self.init(
            source: .body(body, reading: read), rebuildAfterMethodEvaluation: true, requiring: requirements,
            serializing: serialization, lastModified: nil, exists: nil, settings: settings,
            timeSource: SystemTimeSource()
        )
    }

    /// Responds with 304, 412 or 428 if the request's conditions require it, and otherwise tags the response of the
    /// wrapped handler.
    ///
    /// CONNECT and TRACE, and by default OPTIONS, are forwarded regardless of their conditions (RFC 9110 section
    /// 13.2.1).
    ///
    /// - Throws: Errors of the handler and, for a conditional update, errors of the tag computation.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        if let refusal = requirements.reply(refusing: exchange.request) { return refusal }
        switch exchange.request.method {
        case .get, .head:
            return try await answerRead(exchange, next: next)
        case .trace, .connect:
            return try await next(exchange)
        case .options:
            return try await settings.tagsEveryMethod
                ? answerRead(exchange, next: next) : next(exchange)
        default:
            let reply = try await answerUpdate(exchange, next: next)
            if !exchange.request.method.isSafe, (200..<400).contains(reply.status.code) {
                notModifiedFields.forget(exchange.request.path ?? "")
            }
            return reply
        }
    }

    /// Returns the validators of the requested representation that are known before the handler runs.
    ///
    /// - Throws: Errors of the tag computation and of the route's closures.
    func current(for exchange: Exchange) async throws -> Validators {
        Validators(tag: try await source.tag(for: exchange), lastModified: try await lastModified?(exchange))
    }

    /// Returns whether the resource has a representation, or nil if this is unknown.
    ///
    /// - Throws: Errors of the route's closure.
    func existence(for exchange: Exchange, tag: EntityTag?) async throws -> Bool? {
        if let exists { return try await exists(exchange) }
        return source.knowsExistence ? tag != nil : nil
    }

    /// Returns the response with the known tag and date, unless the handler has set them.
    func tagged(_ reply: Reply, with current: Validators) -> Reply {
        guard current.tag != nil || current.lastModified != nil, reply.thrownError == nil,
            settings.tagsErrors || reply.status.kind == .successful || reply.status == .notModified
        else { return reply }
        var reply = reply
        if let tag = current.tag, !reply.headerFields.contains(.eTag) {
            reply.headerFields[.eTag] = tag.description
        }
        if let lastModified = settled(current).lastModified, !reply.headerFields.contains(.lastModified) {
            reply.headerFields[.lastModified] = lastModified.description
        }
        return reply
    }

    /// Returns the validators that may be sent and compared for a read. They include a date only once its second is
    /// over, because dates with a resolution of one second do not distinguish two versions within that second (RFC 9110
    /// section 8.8.2.2).
    func settled(_ current: Validators) -> Validators {
        guard let lastModified = current.lastModified, lastModified >= HTTPDate(timeSource.now) else { return current }
        return Validators(tag: current.tag)
    }

    /// Returns a 412 response with the tag of the current representation.
    static func preconditionFailed(_ tag: EntityTag?) -> Reply {
        Reply(status: .preconditionFailed, headerFields: tag.map { [.eTag: $0.description] } ?? [:])
    }
}
