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
            let method = exchange.request.method
            guard let action = actions.first(where: { $0.has(method) }) else {
                throw ResourceError(.methodNotAllowed, "Method \"\(method.rawValue)\" not allowed.")
            }
            let prepared = try await mount.request(for: exchange, action)
            var exchange = exchange
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
            return rendered(try await next(exchange), to: exchange)
        } catch {
            guard let known = ResourceError.of(error) else { throw error }
            return known.reply(to: exchange)
        }
    }

    /// Adds a body to a refusal of `ETagMiddleware`.
    private func rendered(_ reply: Reply, to exchange: Exchange) -> Reply {
        var reply = reply
        if exchange.resourceRequest?.isRestricted == true, !reply.headerFields.contains(.cacheControl) {
            // For caches between the server and the client, which do not know what the access rule selects.
            reply.headerFields[.cacheControl] = "private, no-cache"
        }
        guard reply.status == .preconditionFailed, reply.body.contentLength == 0 else { return reply }
        var rendered = ResourceError(.preconditionFailed, "The row has changed since it was read.").reply(to: exchange)
        for field in reply.headerFields where field.name != .contentType && field.name != .vary {
            rendered.headerFields.append(field)
        }
        return rendered
    }
}
