import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

/// The outermost stage of a resource: reads the request, checks permissions, describes the statements for keys, and renders errors.
struct RequestMiddleware: Middleware {
    let mount: ResourceMount
    let isOnCollection: Bool
    let actions: [ResourceAction]

    init(_ mount: ResourceMount, onCollection isOnCollection: Bool, _ actions: some Sequence<ResourceAction>) {
        (self.mount, self.isOnCollection, self.actions) = (mount, isOnCollection, Array(actions))
    }

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        do {
            let exchange = try await read(exchange)
            return rendered(try await next(exchange), to: exchange)
        } catch {
            guard let known = ResourceError.of(error) else { throw error }
            var reply = known.reply(to: exchange)
            // Another user may see the row.
            if mount.hasAccessRules { reply.headerFields[.cacheControl] = "private, no-cache" }
            return reply
        }
    }

    /// Returns the exchange with what the request asks for, which keys contain.
    ///
    /// - Throws: ``ResourceError``, `FilterError`, any error of the access rules.
    func read(_ exchange: Exchange) async throws -> Exchange {
        var exchange = exchange
        if let languages = mount.resource.settings.languages {
            exchange.language = languages.negotiation.language(
                accept: exchange.request.headerFields.value(of: .acceptLanguage))
        }
        let prepared = try await mount.request(for: exchange, among: actions)
        if let recorder = HitRecorder.current, mount.readsOtherRows || prepared.request.isRestricted {
            // What the request has read is compared with nothing when the response is sent again.
            recorder.refuse(.key)
        }
        exchange[PreparedRequest.Key.self] = prepared
        exchange.format = prepared.request.isCSV ? "csv" : "json"
        if isOnCollection {
            exchange[ListQuery.self] = prepared.description
        } else {
            exchange[RetrieveQuery.self] = prepared.description
        }
        let checked = try await mount.check(prepared, exchange)
        if checked !== prepared {
            exchange[PreparedRequest.Key.self] = checked
            exchange[ListQuery.self] = checked.description
        }
        return exchange
    }

    /// Returns a request that the administration of a cache describes, with what keys contain. Its language and its format select the
    /// response as header fields would.
    func describe(_ exchange: Exchange) async throws -> Exchange {
        var exchange = exchange
        if let language = exchange.language, !exchange.request.headerFields.contains(.acceptLanguage) {
            exchange.request.headerFields[.acceptLanguage] = language
        }
        if exchange.format == "csv", !exchange.request.headerFields.contains(.accept) {
            exchange.request.headerFields[.accept] = "text/csv"
        }
        return try await read(exchange)
    }

    /// Adds a body in the form of a resource's errors to a refusal of `ETagMiddleware`.
    private func rendered(_ reply: consuming Reply, to exchange: Exchange) -> Reply {
        if let prepared = exchange.preparedRequest, prepared.request.isRestricted {
            // For caches between the server and the client, which do not know what the access rule selects.
            reply.headerFields[.cacheControl] = "private, no-cache"
        }
        guard let error = refusal(reply, exchange) else { return reply }
        var rendered = error.reply(to: exchange)
        for field in reply.headerFields where field.name != .contentType && field.name != .vary {
            rendered.headerFields.append(field)
        }
        return rendered
    }

    /// Returns the error that a refusal of `ETagMiddleware` stands for; nil for a response that is complete.
    private func refusal(_ reply: Reply, _ exchange: Exchange) -> ResourceError? {
        // Every error of a resource has Vary.
        guard !reply.headerFields.contains(.vary) else { return nil }
        let settings = mount.resource.settings
        switch reply.status {
        case .preconditionFailed where reply.body.contentLength == 0:
            return .changed
        case .contentTooLarge:
            return .tooLarge(settings.maximumBodySize)
        default: return nil
        }
    }
}
