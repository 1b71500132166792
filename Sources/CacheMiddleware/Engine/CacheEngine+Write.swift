import HTTPPipeline
import HTTPTypes

extension CacheEngine {
    /// Forwards a method other than GET and HEAD, and purges the entries that a successful unsafe request has changed.
    ///
    /// - Returns: The handler's response with its Cache-Status.
    /// - Throws: Any error that the handler throws.
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
        return finished(reply, .forwarded(.method), .method, for: exchange)
    }

    private func purge(after reply: Reply, to exchange: Exchange) async {
        let selections = rules.purges(after: reply, to: exchange)
        guard !selections.isEmpty else { return }
        await store.forRequest(exchange).purge(selections, mode: settings.purgeMode)
    }
}
