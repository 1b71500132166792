public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// Gives answers an entity tag and answers conditional requests from it: drf-extensions' `etag` decorator.
///
/// The tag is the key of a `KeyConstructor`, so it is known before the handler runs: a client that has the current
/// representation is answered 304, and an update of a representation that has changed meanwhile is answered 412, both
/// without running the handler.
///
/// ```swift
/// Pipeline {
///     ETagMiddleware(key: .city, rebuildAfterMethodEvaluation: true)
///     CacheResponseMiddleware(timeout: .minutes(15), key: .city, in: store)
/// }
/// ```
///
/// For a tag of GET to match on PUT, PATCH and DELETE one constructor serves all of them and leaves the method out
/// (`uniqueViewID` rather than `uniqueMethodID`). The constructor must hold something that changes with the content,
/// such as a version stamp or the time of the last update.
///
/// A key names a representation whether or not there is one. So `If-Match: *` always holds here and the handler says whether
/// the resource exists; `If-None-Match: *` never holds for a method that writes. A tag that a handler sets itself is sent as
/// it is, and conditions are compared with the key's. A 304 that is answered without the handler has the fields of RFC 9110
/// section 15.4.5 only if a middleware further out adds them.
public struct ETagMiddleware: Middleware {
    private let key: KeyConstructor
    private let rebuildsAfterMethodEvaluation: Bool

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - key: Makes the tag.
    ///   - rebuildAfterMethodEvaluation: Whether the answer to a PUT or PATCH carries the tag of what it wrote, made
    ///     anew after the handler ran. Without it such an answer carries no tag: the one made before would name what
    ///     was just replaced.
    public init(key: KeyConstructor, rebuildAfterMethodEvaluation: Bool = false) {
        self.key = key
        self.rebuildsAfterMethodEvaluation = rebuildAfterMethodEvaluation
    }

    /// Answers 304 or 412 when the request's conditions say so, and otherwise tags the reply of what it wraps.
    ///
    /// Successful replies get a tag unless the handler has set one; errors never do. CONNECT, OPTIONS and TRACE are
    /// passed on (RFC 9110 section 13.2.1).
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let method = exchange.request.method
        guard method != .options, method != .trace, method != .connect else { return try await next(exchange) }

        let isRead = method == .get || method == .head
        let conditions = Preconditions(exchange.request.headerFields)
        if !isRead, conditions.isEmpty {
            return try await replyToWrite(exchange, next: next)
        }

        let tag: EntityTag
        do {
            tag = EntityTag(try await key.key(for: exchange))
        } catch {
            // A read without a tag is a good answer; an update whose condition was not looked at is a lost one.
            guard isRead else { throw error }
            return try await next(exchange)
        }
        // A key says nothing about whether the resource exists, and `If-None-Match: *` asks just that: the handler
        // decides. For a method that writes the condition fails, which at worst refuses a client and never overwrites.
        let asksForExistence = isRead && conditions.ifNoneMatch == .any
        if !asksForExistence, !conditions.isEmpty {
            switch conditions.evaluate(method: method, tag: tag) {
            case .proceed: break
            case .notModified: return Self.reply(.notModified, tag: tag)
            case .failed: return Self.reply(.preconditionFailed, tag: tag)
            }
        }
        guard isRead else { return try await replyToWrite(exchange, next: next) }

        let reply = Self.tagged(try await next(exchange), with: tag)
        guard asksForExistence, reply.status.kind == .successful, reply.thrownError == nil else { return reply }
        switch conditions.evaluate(method: method, tag: tag) {
        case .proceed: return reply
        case .notModified: return Self.notModified(reply)
        case .failed: return Self.reply(.preconditionFailed, tag: tag)
        }
    }

    private func replyToWrite(_ exchange: Exchange, next: Next) async throws -> Reply {
        let reply = try await next(exchange)
        // The answer to a POST or DELETE is not a representation of the resource the key names.
        let isUpdate = exchange.request.method == .put || exchange.request.method == .patch
        guard rebuildsAfterMethodEvaluation, isUpdate, Self.takesTag(reply) else { return reply }
        // The write has happened: that its tag cannot be made is no reason to call it a failure.
        guard let rebuilt = try? await key.key(for: exchange) else { return reply }
        return Self.tagged(reply, with: EntityTag(rebuilt))
    }

    private static func takesTag(_ reply: Reply) -> Bool {
        reply.status.kind == .successful && reply.thrownError == nil && reply.headerFields[.eTag] == nil
    }

    private static func tagged(_ reply: Reply, with tag: EntityTag) -> Reply {
        guard takesTag(reply) else { return reply }
        var reply = reply
        reply.headerFields[.eTag] = tag.description
        return reply
    }

    /// The 304 for a reply, with the fields that RFC 9110 section 15.4.5 asks for.
    private static func notModified(_ reply: Reply) -> Reply {
        let kept: [HTTPField.Name] = [.cacheControl, .contentLocation, .date, .eTag, .expires, .vary]
        let fields = HTTPFields(reply.headerFields.filter { kept.contains($0.name) })
        return Reply(status: .notModified, headerFields: fields)
    }

    private static func reply(_ status: HTTPResponse.Status, tag: EntityTag) -> Reply {
        Reply(status: status, headerFields: [.eTag: tag.description])
    }
}
