import HTTPPipeline
import HTTPTypes

extension ETagMiddleware {
    /// Answers a method that only reads.
    func answerRead(_ exchange: Exchange, next: Next) async throws -> Reply {
        let conditions = Preconditions(exchange.request.headerFields, asterisk: settings.asterisk)
        let writeCount = notModifiedFields.writeCount
        let current = await currentForRead(of: exchange)
        if !conditions.isEmpty, let reply = earlyReply(to: exchange, conditions: conditions, current: current) {
            return reply
        }
        var reply = try await next(exchange)
        var status = reply.status
        if status == .partialContent || status == .rangeNotSatisfiable,
            let whole = try await whole(of: reply, to: exchange, current: current.validators, next: next)
        {
            reply = whole
            status = whole.status
        }
        guard reply.thrownError == nil else { return reply }
        guard settings.evaluation == .exact || !source.isKnownBefore else {
            return rebuilds && settings.tagsEveryMethod
                ? await rebuilt(reply, for: exchange) : tagged(reply, with: current.validators)
        }
        reply = tagged(reply, with: current.validators)
        // A 304 of a cache further in has the tag that its 200 would have (RFC 9110 section 15.4.5).
        guard status.kind == .successful || status == .notModified && reply.comesThroughCache else { return reply }
        if status != .partialContent {
            if case .body(let body, _) = source {
                if !reply.headerFields.contains(.eTag) { reply = try await body.tagged(reply, to: exchange) }
            } else if let tag = current.validators.tag {
                learn(reply, to: exchange, tag: tag, since: writeCount)
            }
        }
        return conditions.isEmpty || status == .notModified
            ? reply : evaluated(reply, to: exchange, conditions: conditions, current: current)
    }

    /// What is known before the handler runs.
    private struct Current {
        var validators = Validators()
        /// Whether it is known that there is no representation.
        var isMissing = false
    }

    /// What is known before the handler of a read runs. A read without a tag is a good answer: what fails here is not known.
    private func currentForRead(of exchange: Exchange) async -> Current {
        var current = Current()
        do {
            current.validators.tag = try await source.tag(for: exchange)
            current.isMissing = source.knowsExistence && current.validators.tag == nil
        } catch {
            // Not known is not the same as missing.
        }
        current.validators.lastModified = try? await lastModified?(exchange)
        current.validators = settled(current.validators)
        return current
    }

    /// The answer that needs no handler, if there is one.
    private func earlyReply(to exchange: Exchange, conditions: Preconditions, current: Current) -> Reply? {
        let tag = current.validators.tag
        // Without a tag nothing is known before the handler, except that there may be no representation.
        guard tag != nil || current.isMissing else { return nil }
        let outcome = conditions.evaluate(
            method: Self.evaluatedMethod(of: exchange), current: current.isMissing ? nil : current.validators
        )
        switch (outcome, settings.evaluation) {
        case (.proceed, _), (.failed, .exact):
            return nil
        case (.failed, .early):
            return Self.preconditionFailed(tag)
        case (.notModified, .early):
            return Reply(status: .notModified, headerFields: tag.map { [.eTag: $0.description] } ?? [:])
        case (.notModified, .exact):
            return tag.flatMap { notModifiedFields.reply(for: memoryKey(of: $0, for: exchange)) }
        }
    }

    /// The reply with the whole representation in place of a part that the client cannot use; nil when it can.
    private func whole(of part: Reply, to exchange: Exchange, current: Validators, next: Next) async throws -> Reply? {
        guard let condition = RangeCondition(exchange.request.headerFields),
            !condition.holds(for: Validators(tagged(part, with: current).headerFields), now: timeSource.now)
        else { return nil }
        var exchange = exchange
        exchange.request.headerFields[.range] = nil
        exchange.request.headerFields[.ifRange] = nil
        return try await next(exchange)
    }

    /// Remembers the fields of a whole and successful reply whose tag is known beforehand.
    private func learn(_ reply: Reply, to exchange: Exchange, tag: EntityTag, since writeCount: Int) {
        // What carries another tag, the handler's own, cannot be answered before the handler. HEAD may not know the body.
        guard exchange.request.method == .get, reply.status != .notModified,
            let field = reply.headerFields.value(of: .eTag), tag.isWritten(as: field)
        else { return }
        notModifiedFields.learn(reply, for: memoryKey(of: tag, for: exchange), since: writeCount)
    }

    /// What the conditions make of a successful reply.
    private func evaluated(
        _ reply: Reply,
        to exchange: Exchange,
        conditions: Preconditions,
        current: Current
    ) -> Reply {
        let isMissing = current.isMissing && !reply.headerFields.contains(.eTag)
        let validators = isMissing ? nil : Validators(reply.headerFields)
        switch conditions.evaluate(method: Self.evaluatedMethod(of: exchange), current: validators) {
        case .proceed: return reply
        case .notModified: return reply.notModified
        case .failed: return Self.preconditionFailed(validators?.tag)
        }
    }

    /// OPTIONS, where it is conditional at all, is so like GET.
    private static func evaluatedMethod(of exchange: Exchange) -> HTTPRequest.Method {
        exchange.request.method == .options ? .get : exchange.request.method
    }

    /// Tags are compared among the representations of one resource: two resources may have the same. And what one client was
    /// answered, another may not be.
    private func memoryKey(of tag: EntityTag, for exchange: Exchange) -> NotModifiedFields.Key {
        var credentials = Hasher()
        credentials.combine(exchange.userID.map { ByteText($0) })
        for field in exchange.request.headerFields where RequestTraits.isCredential(field.name) {
            credentials.combine(field.name)
            credentials.combine(ByteText(field.value))
        }
        return NotModifiedFields.Key(
            tag: ByteText(tag.opaqueTag), target: ByteText(exchange.request.path ?? ""),
            credentials: credentials.finalize()
        )
    }
}
