import HTTPPipeline
import HTTPTypes

extension ETagMiddleware {
    /// Answers a method that may change the resource.
    func answerUpdate(_ exchange: Exchange, next: Next) async throws -> Reply {
        let conditions = Preconditions(exchange.request.headerFields, asterisk: settings.asterisk)
        // A POST without conditions usually makes something new, and has no need to wait.
        guard !exchange.request.method.isSafe, exchange.request.method != .post || !conditions.isEmpty else {
            return try await update(exchange, conditions: conditions, next: next)
        }
        do {
            return try await serialization.serialize(exchange) { exchange in
                // What was memoized before it was this update's turn may be from before another's.
                exchange.memo.removeAll()
                return try await update(exchange, conditions: conditions, next: next)
            }
        } catch let error as BodyTooLarge where error.limit == serialization.bodyLimit {
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
        // The exchange and the evaluation on it would keep each other alive.
        defer { evaluation.end() }
        // An update whose conditions could not be looked at is a lost one, so what fails here fails the request.
        let current = try await current(for: exchange)
        if !conditions.isEmpty {
            if let refusal = try await refusal(by: conditions, of: exchange, current: current) { return refusal }
            evaluation.hold(exchange, tag: current.tag)
        }
        return await finished(try await next(exchange), to: exchange, current: current)
    }

    /// The refusal of an update whose conditions do not hold.
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
            // It is the handler that finds out whether there is something to match.
            if matchesAny {
                conditions.ifMatch = nil
                conditions.ifUnmodifiedSince = nil
            }
            // To create only what is absent, it must be known to be absent. A tag that is not known may be a listed one.
            if excludesAny || (conditions.ifNoneMatch != nil && current.tag == nil) {
                return Self.preconditionFailed(current.tag)
            }
        }
        let current = existence == false ? nil : current
        guard conditions.evaluate(method: exchange.request.method, current: current) != .proceed else { return nil }
        return Self.preconditionFailed(current?.tag)
    }

    /// The reply with the tag of what was written, or with none: the one from before names what is not there any more.
    private func finished(_ reply: Reply, to exchange: Exchange, current: Validators) async -> Reply {
        guard !settings.tagsEveryMethod else {
            return rebuilds ? await rebuilt(reply, for: exchange) : tagged(reply, with: current)
        }
        // The answer to a POST or DELETE is not a representation of the resource that the tag names.
        let isReplacement = exchange.request.method == .put || exchange.request.method == .patch
        return rebuilds && isReplacement ? await rebuilt(reply, for: exchange) : reply
    }

    /// The reply with a tag made anew.
    func rebuilt(_ reply: Reply, for exchange: Exchange) async -> Reply {
        // The write has happened: that its tag cannot be made is no reason to call it a failure.
        guard reply.thrownError == nil, let current = try? await current(for: exchange) else { return reply }
        return tagged(reply, with: current)
    }
}
