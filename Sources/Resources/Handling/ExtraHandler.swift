import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Repositories

/// Runs an extra action.
struct ExtraHandler: Sendable {
    let mount: ResourceMount
    let actions: [ExtraAction]

    func reply(to exchange: Exchange) async throws -> Reply {
        guard let request = exchange.resourceRequest,
            let extra = actions.first(where: { $0.action.method == request.action.method })
        else { return ResourceError.notFound.reply(to: exchange) }
        do {
            let reply = try await run(extra, request, exchange)
            // An action on the collection invalidates what it has changed.
            if case .collection = extra.handler { return reply }
            if reply.status.code < 400 { await invalidate(request) }
            return reply
        } catch {
            guard let known = ResourceError.of(error) else {
                // The handler may have written before it failed.
                await invalidate(request)
                throw error
            }
            return known.reply(to: exchange)
        }
    }

    private func run(_ extra: ExtraAction, _ request: ResourceRequest, _ exchange: Exchange) async throws -> Reply {
        let rows = request.query.selection && request.writable
        switch extra.handler {
        case .list(let handle): return try await handle(rows, exchange)
        case .collection(let handle):
            let scope = request.scope && request.writable
            return try await handle(
                CollectionRequest(
                    resource: mount.resource, scope: scope, rows: rows, hasFilters: request.hasFilters,
                    bound: request.bound,
                    permitted: { try await mount.selection(of: mount.resource, $0, for: exchange) }), exchange)
        case .detail(let handle):
            let names = mount.fields.fields.map(\.name)
            let row = try await mount.resource.repository(for: exchange).rows(RowQuery(rows, limit: 1, fields: names))
            guard !row.isEmpty else { throw ResourceError.notFound }
            return try await handle(row, exchange)
        }
    }

    /// Invalidates what may depend on what an action has written.
    private func invalidate(_ request: ResourceRequest) async {
        guard !request.action.isReading, let caching = mount.resource.settings.caching else { return }
        guard let key = request.key else { return await mount.resource.invalidate() }
        await caching.invalidations.invalidate(
            [.tag(ResourceTags.list(mount.resource)), .tag(ResourceTags.row(mount.resource, key))],
            touching: [caching.stamp].compactMap(\.self))
    }
}
