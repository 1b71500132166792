#if Hummingbird
public import HTTPPipeline
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
import NIOEmbedded

extension CacheWarmer {
    /// Sends a request for each target through an application's responder, with its router and all of its middleware.
    ///
    /// ```swift
    /// let responder = router.buildResponder()
    /// let result = await CacheWarmer(authority: "example.com").warm(["/cities"], through: responder)
    /// ```
    ///
    /// The requests have no connection: their contexts share a channel without a peer.
    ///
    /// - Parameters:
    ///   - targets: The paths, with their queries.
    ///   - responder: The responder, which a router builds.
    ///   - logger: The logger of the requests' contexts.
    /// - Returns: The number of responses by status, and the failures.
    public func warm<Responder: HTTPResponder>(
        _ targets: some Sequence<String>, through responder: Responder,
        logger: Logger = Logger(label: "CacheWarmer")
    ) async -> Result
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let channel = NIOAsyncTestingChannel()
        let result = await warm(targets) { exchange in
            let request = Request(head: exchange.request, body: Hummingbird.RequestBody(buffer: ByteBuffer()))
            let source = ApplicationRequestContextSource(channel: channel, logger: logger)
            return Reply(try await responder.respond(to: request, context: Responder.Context(source: source)))
        }
        // An open channel would never be freed.
        _ = try? await channel.finish(acceptAlreadyClosed: true)
        return result
    }
}
#endif
