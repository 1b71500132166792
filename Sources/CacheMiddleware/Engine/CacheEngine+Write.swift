import HTTPPipeline
import HTTPTypes

extension CacheEngine {
    /// Answers every method but GET and HEAD, and purges what a successful unsafe one has changed.
    ///
    /// - Throws: What the handler throws.
    func write(_ exchange: Exchange, next: Next) async throws -> Reply {
        var reply = try await next(exchange)
        if !exchange.request.method.isSafe, (200..<400).contains(reply.status.code) {
            await purge(after: reply, to: exchange)
            if case .stream(let body) = reply.body.content, body.contentLength == nil {
                let head = reply
                reply.body = ReplyBody(
                    .stream(PurgingBody(body: body) { [self] in await purge(after: head, to: exchange) }))
            }
        }
        return finished(reply, .forwarded(.method), .method)
    }

    /// Reports a tag that a route's responses do not have and its writes do not purge.
    func omitted(_ template: String, _ exchange: Exchange) {
        observer.omittedTag(template, route: exchange.route.template ?? exchange.route.view)
    }

    private func purge(after reply: Reply, to exchange: Exchange) async {
        var selections = purgesTags.purgedTags(of: reply, to: exchange, omitted: { omitted($0, exchange) })
            .map { PurgeSelection.tag($0) }
        if settings.purgesURL, let path = exchange.request.path { selections.append(.url(path)) }
        guard !selections.isEmpty else { return }
        await store.forRequest(exchange).purge(selections, mode: settings.purgeMode)
    }
}
