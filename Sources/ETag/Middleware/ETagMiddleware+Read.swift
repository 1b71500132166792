import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension ETagMiddleware {
    /// Returns the response to a request with a method that only reads.
    func answerRead(_ exchange: Exchange, next: Next) async throws -> Reply {
        let conditions = Preconditions(exchange.request.headerFields, asterisk: settings.asterisk)
        let writeCount = notModifiedFields.writeCount
        let current = await currentForRead(of: exchange)
        if let recorder = HitRecorder.current, let reason = refusal(current) { recorder.refuse(reason) }
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
            return settings.rebuildsAfterMethodEvaluation && settings.tagsEveryMethod
                ? await rebuilt(reply, for: exchange) : tagged(consume reply, with: current.validators)
        }
        reply = tagged(consume reply, with: current.validators)
        // A 304 from an inner cache has the tag that its 200 would have (RFC 9110 section 15.4.5).
        guard status.kind == .successful || status == .notModified && reply.comesThroughCache else { return reply }
        if status != .partialContent {
            if case .body(let body, _) = source {
                if !reply.headerFields.contains(.eTag) { reply = try await body.tagged(reply, to: exchange) }
            } else if let tag = current.validators.tag, !conditions.isEmpty || reply.body.variants?.life == nil {
                // Requests without conditions do not record the fields of a response from memory, which would cost every hit.
                learn(reply, to: exchange, tag: tag, since: writeCount)
            }
        }
        return conditions.isEmpty || status == .notModified
            ? reply : evaluated(reply, to: exchange, conditions: conditions, current: current)
    }

    /// The state of the resource that is known before the handler runs.
    private struct Current {
        var validators = Validators()
        /// Whether the date is not sent yet, because its second is not over.
        var isDateUnsettled = false
        /// Whether the resource is known to have no representation.
        var isMissing = false
    }

    /// Returns what is known about the resource before the handler of a read runs. A validator whose computation fails
    /// counts as unknown, because a read does not need one.
    private func currentForRead(of exchange: Exchange) async -> Current {
        var current = Current()
        do {
            current.validators.tag = try await source.tag(for: exchange)
            current.isMissing = source.knowsExistence && current.validators.tag == nil
        } catch {
            // Unknown is not the same as missing.
        }
        current.validators.lastModified = try? await settings.lastModified?(exchange)
        let settled = settled(current.validators)
        current.isDateUnsettled = settled.lastModified != current.validators.lastModified
        current.validators = settled
        return current
    }

    /// Returns the reason why the tag or the date may differ for identical bytes of a request although the stamps are unchanged, or nil.
    private func refusal(_ current: Current) -> ReuseRefusal? {
        switch source {
        case .key(let key, _) where !key.inputs.followsFromRequest: return .key
        case .computed: return .key
        case .key, .body: break
        }
        guard settings.lastModified == nil || settings.lastModifiedIsOfStamp else { return .key }
        return current.isDateUnsettled ? .stamp : nil
    }

    /// Returns the response that needs no handler, or nil if there is none.
    private func earlyReply(to exchange: Exchange, conditions: Preconditions, current: Current) -> Reply? {
        let tag = current.validators.tag
        // Without a tag, only the absence of a representation can be known before the handler runs.
        guard tag != nil || current.isMissing else { return nil }
        let outcome = conditions.evaluate(
            method: Self.evaluatedMethod(of: exchange), current: current.isMissing ? nil : current.validators
        )
        switch (outcome, settings.evaluation.time) {
        case (.proceed, _), (.failed, .exact):
            return nil
        case (.failed, .early):
            return Self.preconditionFailed(tag)
        case (.notModified, .early):
            return Reply(status: .notModified, headerFields: tag.map { [.eTag: $0.description] } ?? [:])
        case (.notModified, .exact):
            return tag.flatMap {
                notModifiedFields.reply(for: memoryKey(of: $0, for: exchange), in: HitRecorder.current, of: exchange)
            }
        }
    }

    /// Returns the response with the whole representation in place of a part that the client cannot use, or nil if the
    /// client can use the part.
    private func whole(of part: Reply, to exchange: Exchange, current: Validators, next: Next) async throws -> Reply? {
        guard let condition = RangeCondition(exchange.request.headerFields),
            !condition.holds(for: Validators(tagged(part, with: current).headerFields), now: timeSource.now)
        else { return nil }
        var exchange = exchange
        exchange.request.headerFields[.range] = nil
        exchange.request.headerFields[.ifRange] = nil
        return try await next(exchange)
    }

    /// Records the fields of a complete, successful response whose tag was known before the handler ran.
    private func learn(_ reply: Reply, to exchange: Exchange, tag: EntityTag, since writeCount: Int) {
        // A response with the handler's own tag cannot be sent before the handler runs. The handler of HEAD may not
        // know the body.
        guard exchange.request.method == .get, reply.status != .notModified,
            let field = reply.headerFields.value(of: .eTag), tag.isWritten(as: field)
        else { return }
        notModifiedFields.learn(reply, for: memoryKey(of: tag, for: exchange), since: writeCount)
    }

    /// Returns the response after evaluating the conditions: the handler's response, a 304 or a 412.
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

    /// Returns the method for which conditions are evaluated. Conditions of OPTIONS, if evaluated at all, are evaluated
    /// like those of GET.
    private static func evaluatedMethod(of exchange: Exchange) -> HTTPRequest.Method {
        exchange.request.method == .options ? .get : exchange.request.method
    }

    /// Returns the key of the recorded fields. It includes the host and the target, because two resources may have the same
    /// tag, and the client's credentials, because two clients may get different responses.
    private func memoryKey(of tag: EntityTag, for exchange: Exchange) -> NotModifiedFields.Key {
        var credentials = Hasher()
        if var host = exchange.request.authority {
            host.withUTF8 { credentials.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
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
