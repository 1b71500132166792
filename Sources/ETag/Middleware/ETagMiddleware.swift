public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// Gives answers an entity tag and answers conditional requests (RFC 9110 section 13): drf-extensions' `etag` and `api_etag`.
///
/// The tag is a key, what a closure says, or the digest of the body:
///
/// ```swift
/// ETagMiddleware(key: .city, rebuildAfterMethodEvaluation: true, requiring: .updates)
/// ETagMiddleware { exchange in try await versions.tag(of: exchange.pathParameters["id"]) }
/// ETagMiddleware()
/// ```
///
/// A key or a closure knows the tag before the handler runs. A client that has the current representation is then answered
/// 304, and an update of a representation that has changed meanwhile 412, both without the handler. They must change with the
/// content: a key needs something like a version stamp. The digest of the body is always right and needs the handler.
///
/// **Reads.** Conditions of GET and HEAD count only where the answer without them is 2xx, and a 304 has the fields of that
/// answer which RFC 9110 section 15.4.5 names. The fields of answers are remembered for a minute; what is not remembered is
/// asked of the handler, or of the cache in front of it. A tag or Last-Modified that a handler sets itself is kept, and
/// conditions are compared with it. An If-Range that does not hold gets the whole representation.
///
/// **Updates.** Conditions are evaluated before the handler, and updates of one resource on this node wait for each other
/// (``UpdateSerialization``), so none is lost in between. `uniqueMethodID` in a key is read as the view alone, so the tag that
/// GET gave is the one that PUT, PATCH and DELETE compare with. A key says nothing about whether the resource exists. Without
/// `exists` If-Match: `*` leaves that to the handler and If-None-Match: `*` is answered 412, which never overwrites. With body
/// tags a condition on a tag can be evaluated before an update only where the handler that reads the resource is known
/// (``init(body:reading:requiring:serializing:settings:)``); elsewhere it is answered 412.
///
/// Authentication stands outside: a 304 or 412 that needs no handler asks nobody whether the client may know it.
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
    ///   - key: Makes the tag.
    ///   - rebuildAfterMethodEvaluation: Whether the answer to a PUT or PATCH carries the tag of what it wrote, made anew after
    ///     the handler ran. Without it such an answer carries no tag: the one made before would name what was just replaced.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified, for conditions on dates; it is sent as
    ///     Last-Modified, from the next second on. Without it the handler's own Last-Modified serves GET and HEAD, and
    ///     If-Unmodified-Since does not guard updates: a date that is not known is ignored (RFC 9110 section 13.1.4).
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - settings: How RFC 9110 and drf-extensions are weighed where they differ.
    ///   - timeSource: Tells the time.
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

    /// Creates the middleware with a tag of the application's own.
    ///
    /// - Parameters:
    ///   - rebuildAfterMethodEvaluation: Whether the answer to a PUT or PATCH carries the tag of what it wrote.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - settings: How RFC 9110 and drf-extensions are weighed where they differ.
    ///   - timeSource: Tells the time.
    ///   - tag: The tag of the current representation that the request would be answered with, or nil when there is none:
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

    /// Creates the middleware with the digest of the body as the tag, or with the key that the settings name.
    ///
    /// Before an update such a tag is not known, so updates cannot be required to be conditional; see
    /// ``init(body:reading:requiring:serializing:settings:)``.
    ///
    /// - Parameters:
    ///   - body: Makes the tag.
    ///   - serialization: Which updates wait for each other.
    ///   - lastModified: When the current representation was last modified.
    ///   - exists: Whether the resource has a current representation, for `*` in the conditions of updates.
    ///   - settings: How RFC 9110 and drf-extensions are weighed where they differ.
    ///   - timeSource: Tells the time.
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

    /// Creates the middleware with the digest of the body as the tag, also for the conditions of updates.
    ///
    /// ```swift
    /// ETagMiddleware(reading: { exchange in try await showArticle(exchange) }, requiring: .updates)
    /// ```
    ///
    /// Before an update with conditions, and after a PUT or PATCH that succeeds, `read` is asked for the current representation: as
    /// GET, without a body and without conditions. It has to make the bytes that GET of the resource answers with. 404 and 410
    /// say that there is no representation; any other status that is not 2xx fails the update.
    ///
    /// - Parameters:
    ///   - body: Makes the tag. A representation above its limit fails a conditional update.
    ///   - read: Answers GET of the resource.
    ///   - requirements: The requests that have to be conditional.
    ///   - serialization: Which updates wait for each other.
    ///   - settings: How RFC 9110 and drf-extensions are weighed where they differ.
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

    /// Answers 304, 412 or 428 when the request's conditions say so, and otherwise tags the reply of what it wraps.
    ///
    /// CONNECT and TRACE, and by default OPTIONS, are passed on whatever their conditions (RFC 9110 section 13.2.1).
    ///
    /// - Throws: What the handler throws, and for a conditional update what the tag's maker throws.
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

    /// What is known before the handler runs of the representation that the request is about.
    ///
    /// - Throws: What the tag's maker and the route's closures throw.
    func current(for exchange: Exchange) async throws -> Validators {
        Validators(tag: try await source.tag(for: exchange), lastModified: try await lastModified?(exchange))
    }

    /// Whether the resource has a representation; nil when nothing says so.
    ///
    /// - Throws: What the route's closure throws.
    func existence(for exchange: Exchange, tag: EntityTag?) async throws -> Bool? {
        if let exists { return try await exists(exchange) }
        return source.knowsExistence ? tag != nil : nil
    }

    /// A reply with the tag and the date that are known of it, unless the handler has set them.
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

    /// What may be given out and compared for a read: a date only when its second is over. Dates of whole seconds do not tell
    /// two versions of one second apart (RFC 9110 section 8.8.2.2).
    func settled(_ current: Validators) -> Validators {
        guard let lastModified = current.lastModified, lastModified >= HTTPDate(timeSource.now) else { return current }
        return Validators(tag: current.tag)
    }

    /// A refusal, which names the representation that there is.
    static func preconditionFailed(_ tag: EntityTag?) -> Reply {
        Reply(status: .preconditionFailed, headerFields: tag.map { [.eTag: $0.description] } ?? [:])
    }
}
