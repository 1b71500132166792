public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// A middleware that adds entity tags to responses and evaluates conditional requests (RFC 9110 section 13):
/// drf-extensions' `etag` and `api_etag`.
///
/// The tag is a key, the result of a closure, or the digest of the body:
///
/// ```swift
/// ETagMiddleware(key: .city, requiring: .updates) { $0.rebuildsAfterMethodEvaluation = true }
/// ETagMiddleware(tag: { exchange in try await versions.tag(of: exchange.pathParameters["id"]) })
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
/// resource exists. Without ``ETagSettings/exists``, the handler decides on If-Match: `*`, and If-None-Match: `*` gets 412, so it
/// never overwrites a resource. With body tags, a condition on a tag can be evaluated before an update only if the
/// handler that reads the resource is known (``init(reading:requiring:timeSource:configure:)``); otherwise the
/// response is 412.
///
/// Place authentication outside of this middleware: a 304 or 412 that needs no handler is sent without checking whether
/// the client is authorized.
public struct ETagMiddleware: Middleware {
    let source: ETagSource
    let requirements: RequiredPreconditions
    let settings: ETagSettings
    let timeSource: any TimeSource
    let notModifiedFields: NotModifiedFields
    let dateText = DateText()

    /// Creates the middleware with the key of a constructor as the tag.
    ///
    /// - Parameters:
    ///   - key: The key that produces the tag.
    ///   - requirements: The requests that must be conditional.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings, which are ``ETagSettings/standard`` before.
    public init(
        key: KeyConstructor,
        requiring requirements: RequiredPreconditions = .none,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) {
        self.init(requiring: requirements, timeSource: timeSource, configure: configure) {
            .key(key, separatesMethods: $0.separatesMethods)
        }
    }

    /// Creates the middleware with a tag that the application computes.
    ///
    /// - Parameters:
    ///   - tag: Returns the tag of the current representation for the request, or nil if there is no representation:
    ///     If-Match then fails and If-None-Match holds.
    ///   - requirements: The requests that must be conditional.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings, which are ``ETagSettings/standard`` before. ``ETagSettings/exists`` is not
    ///     used, because the tag shows whether there is a representation.
    public init(
        tag: @escaping @Sendable (Exchange) async throws -> EntityTag?,
        requiring requirements: RequiredPreconditions = .none,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) {
        self.init(requiring: requirements, timeSource: timeSource, configure: configure) {
            $0.exists = nil
            return .computed(tag)
        }
    }

    /// Creates the middleware with the digest of the body as the tag, or with the default key of the settings.
    ///
    /// The digest is not known before an update, so updates cannot be required to be conditional; see
    /// ``init(reading:requiring:timeSource:configure:)``.
    ///
    /// - Parameters:
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings, which are ``ETagSettings/standard`` before.
    public init(
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) {
        self.init(requiring: .none, timeSource: timeSource, configure: configure) { settings in
            if let key = settings.defaultKey { return .key(key, separatesMethods: settings.separatesMethods) }
            settings.rebuildsAfterMethodEvaluation = false
            return .body(settings.body, reading: nil)
        }
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
    /// other status that is not 2xx fails the update, and so does a body above the limit of ``ETagSettings/body``.
    ///
    /// - Parameters:
    ///   - read: The handler of GET for the resource.
    ///   - requirements: The requests that must be conditional.
    ///   - timeSource: The wall clock.
    ///   - configure: Changes the settings, which are ``ETagSettings/standard`` before, except that the tag is always
    ///     recomputed after an update. ``ETagSettings/exists`` is not used.
    public init(
        reading read: @escaping Handler,
        requiring requirements: RequiredPreconditions = .none,
        timeSource: any TimeSource = SystemTimeSource(),
        configure: (inout ETagSettings) -> Void = { _ in }
    ) {
        self.init(requiring: requirements, timeSource: timeSource, configure: configure) {
            $0.exists = nil
            $0.rebuildsAfterMethodEvaluation = true
            return .body($0.body, reading: read)
        }
    }

    private init(
        requiring requirements: RequiredPreconditions,
        timeSource: any TimeSource,
        configure: (inout ETagSettings) -> Void,
        source: (inout ETagSettings) -> ETagSource
    ) {
        var settings = ETagSettings.standard
        configure(&settings)
        self.source = source(&settings)
        self.requirements = requirements
        self.settings = settings
        self.timeSource = timeSource
        notModifiedFields = NotModifiedFields(timeSource: timeSource)
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
        Validators(tag: try await source.tag(for: exchange), lastModified: try await settings.lastModified?(exchange))
    }

    /// Returns whether the resource has a representation, or nil if this is unknown.
    ///
    /// - Throws: Errors of the route's closure.
    func existence(for exchange: Exchange, tag: EntityTag?) async throws -> Bool? {
        if let exists = settings.exists { return try await exists(exchange) }
        return source.knowsExistence ? tag != nil : nil
    }

    /// Returns the response with the known tag and date, unless the handler has set them.
    func tagged(_ reply: consuming Reply, with current: Validators) -> Reply {
        guard current.tag != nil || current.lastModified != nil, reply.thrownError == nil,
            settings.tagsErrors || reply.status.kind == .successful || reply.status == .notModified
        else { return reply }
        if let tag = current.tag, !reply.headerFields.contains(.eTag) {
            reply.headerFields.append(HTTPField(name: .eTag, value: tag.description))
        }
        if let lastModified = settled(current).lastModified, !reply.headerFields.contains(.lastModified) {
            reply.headerFields.append(HTTPField(name: .lastModified, value: dateText.text(of: lastModified)))
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
