import HTTPPipeline
import HTTPTypes

extension ETagMiddleware {
    /// Returns the response to a request with a method that may change the resource.
    func answerUpdate(_ exchange: Exchange, next: Next) async throws -> Reply {
        let conditions = Preconditions(exchange.request.headerFields, asterisk: settings.asterisk)
        // A POST without conditions usually creates a resource and does not need to wait.
        guard !exchange.request.method.isSafe, exchange.request.method != .post || !conditions.isEmpty else {
            return try await update(exchange, conditions: conditions, next: next)
        }
        do {
            return try await settings.serialization.serialize(exchange) { exchange in
                // Values memoized before this update acquired the lock may predate another update.
                exchange.memo.removeAll()
                return try await update(exchange, conditions: conditions, next: next)
            }
        } catch let error as BodyTooLarge where error.limit == settings.serialization.bodyLimit {
            return Reply(status: .contentTooLarge)
        }
    }

    private func update(_ exchange: Exchange, conditions: Preconditions, next: Next) async throws -> Reply {
        guard !conditions.isEmpty || settings.tagsEveryMethod else {
            return await finished(try await next(exchange), to: exchange, current: Validators())
        }
        var exchange = exchange
        let evaluation = Evaluation()
        exchange[EvaluationKey.self] = evaluation
        // Breaks the reference cycle between the exchange and the evaluation that it holds.
        defer { evaluation.end() }
        // An update whose conditions are not evaluated may overwrite another one, so an error here fails the request.
        let current = try await current(for: exchange)
        if !conditions.isEmpty {
            if let refusal = try await refusal(by: conditions, of: exchange, current: current) { return refusal }
            evaluation.hold(exchange, tag: current.tag)
        }
        return await finished(try await next(exchange), to: exchange, current: current)
    }

    /// Returns the response that refuses an update whose conditions do not hold, or nil if they hold.
    private func refusal(
        by conditions: Preconditions,
        of exchange: Exchange,
        current: Validators
    ) async throws -> Reply? {
        let matchesAny = conditions.ifMatch?.isAny ?? false
        let excludesAny = conditions.ifNoneMatch?.isAny ?? false
        var existence: Bool?
        if matchesAny || excludesAny || source.knowsExistence {
            existence = try await self.existence(for: exchange, tag: current.tag)
            if existence == nil, settings.evaluation == .early { existence = current.tag != nil }
        }
        var conditions = conditions
        if existence == nil {
            // Only the handler can determine whether there is a representation to match.
            if matchesAny {
                conditions.ifMatch = nil
                conditions.ifUnmodifiedSince = nil
            }
            // A request that must only create a resource requires that the resource is known to be absent. An unknown
            // tag may be one of the listed tags.
            if excludesAny || (conditions.ifNoneMatch != nil && current.tag == nil) {
                return Self.preconditionFailed(current.tag)
            }
        }
        let current = existence == false ? nil : current
        guard conditions.evaluate(method: exchange.request.method, current: current) != .proceed else { return nil }
        return Self.preconditionFailed(current?.tag)
    }

    /// Returns the response with the tag of the written representation, or without a tag, because the previous tag
    /// names a representation that no longer exists. With `tagsEveryMethod` and without rebuilding it has the previous
    /// tag.
    private func finished(_ reply: Reply, to exchange: Exchange, current: Validators) async -> Reply {
        guard !settings.tagsEveryMethod else {
            return settings.rebuildsAfterMethodEvaluation
                ? await rebuilt(reply, for: exchange) : tagged(reply, with: current)
        }
        // The response to a POST or DELETE is not a representation of the resource that the tag names.
        let isReplacement = exchange.request.method == .put || exchange.request.method == .patch
        return settings.rebuildsAfterMethodEvaluation && isReplacement ? await rebuilt(reply, for: exchange) : reply
    }

    /// Returns the response with a recomputed tag.
    func rebuilt(_ reply: Reply, for exchange: Exchange) async -> Reply {
        // The write has succeeded, so a failure to compute its tag must not fail the request.
        guard reply.thrownError == nil, let current = try? await current(for: exchange) else { return reply }
        return tagged(reply, with: current)
    }
}
