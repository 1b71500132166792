import HTTPPipeline
import HTTPTypes

extension ETagMiddleware {
    /// Answers a method that only reads.
    func answerRead(_ exchange: Exchange, next: Next) async throws -> Reply {
        let conditions = Preconditions(exchange.request.headerFields, asterisk: settings.asterisk)
        // A read without a tag is a good answer: what fails here leaves it without.
        let current = (try? await current(for: exchange)).map(settled) ?? Validators()
        if !conditions.isEmpty, let reply = earlyReply(to: exchange, conditions: conditions, current: current) {
            return reply
        }
        let reply = try await wholeReply(exchange, current: current, next: next)
        guard reply.thrownError == nil else { return reply }
        guard settings.evaluation == .exact else {
            return rebuilds && settings.tagsEveryMethod
                ? await rebuilt(reply, for: exchange) : tagged(reply, with: current)
        }
        guard reply.status.kind == .successful else { return tagged(reply, with: current) }
        return try await evaluated(reply, to: exchange, conditions: conditions, current: current)
    }

    /// The answer that needs no handler, if there is one.
    private func earlyReply(to exchange: Exchange, conditions: Preconditions, current: Validators) -> Reply? {
        // Without a tag nothing is known before the handler; a closure without one says that there is no representation.
        let hasNone = source.knowsExistence && current.tag == nil
        guard current.tag != nil || hasNone else { return nil }
        let method: HTTPRequest.Method = exchange.request.method == .options ? .get : exchange.request.method
        switch (conditions.evaluate(method: method, current: hasNone ? nil : current), settings.evaluation) {
        case (.proceed, _), (.failed, .exact):
            return nil
        case (.failed, .early):
            return Self.preconditionFailed(current.tag)
        case (.notModified, .early):
            return Reply(status: .notModified, headerFields: current.tag.map { [.eTag: $0.description] } ?? [:])
        case (.notModified, .exact):
            return current.tag.flatMap { notModifiedFields.reply(for: memoryKey(of: $0, for: exchange)) }
        }
    }

    /// The handler's reply; the one for the whole representation when it is a part that the client cannot use.
    private func wholeReply(_ exchange: Exchange, current: Validators, next: Next) async throws -> Reply {
        let reply = try await next(exchange)
        guard reply.status == .partialContent, let condition = RangeCondition(exchange.request.headerFields),
            !condition.holds(for: Validators(tagged(reply, with: current).headerFields), now: timeSource.now)
        else { return reply }
        var whole = exchange
        whole.request.headerFields[.range] = nil
        whole.request.headerFields[.ifRange] = nil
        return try await next(whole)
    }

    /// A successful reply with its tag, or what the conditions make of it.
    private func evaluated(
        _ reply: Reply,
        to exchange: Exchange,
        conditions: Preconditions,
        current: Validators
    ) async throws -> Reply {
        var reply = tagged(reply, with: current)
        if case .body(let body) = source, reply.status != .partialContent, !reply.headerFields.contains(.eTag) {
            reply = try await body.tagged(reply, to: exchange)
        }
        if source.isKnownBefore, let tag = current.tag {
            // Only what carries the tag that is known before the handler can be answered before the handler.
            if reply.headerFields[.eTag] == tag.description, reply.status != .partialContent {
                notModifiedFields.learn(reply, for: memoryKey(of: tag, for: exchange))
            }
        }
        guard !conditions.isEmpty else { return reply }
        let hasNone = source.knowsExistence && current.tag == nil && !reply.headerFields.contains(.eTag)
        let validators = hasNone ? nil : Validators(reply.headerFields)
        switch conditions.evaluate(method: exchange.request.method, current: validators) {
        case .proceed: return reply
        case .notModified: return reply.notModified
        case .failed: return Self.preconditionFailed(validators?.tag)
        }
    }

    /// Tags are compared among the representations of one resource: two resources may have the same.
    private func memoryKey(of tag: EntityTag, for exchange: Exchange) -> NotModifiedFields.Key {
        NotModifiedFields.Key(tag: tag.opaqueTag, target: exchange.request.path ?? "")
    }
}
