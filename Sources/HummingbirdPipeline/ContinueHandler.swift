#if Hummingbird
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Asks clients for bodies that they hold back with `Expect: 100-continue` (RFC 9110 section 10.1.1).
///
/// Without it, curl waits one second before it sends a body of more than 1 MiB.
final class ContinueHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The number of requests whose response has not ended.
    private var openCount = 0
    /// Whether the client holds the body of the last request back.
    private var isWaiting = false
    /// The handler that answers hits on this connection, and has to know when a response ends.
    private var hits: HitHandler?
    private let findsHits: Bool

    /// Creates a handler.
    ///
    /// - Parameter findsHits: Whether the channel has a ``HitHandler``.
    init(findsHits: Bool = false) {
        self.findsHits = findsHits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if findsHits { hits = try? context.pipeline.syncOperations.handler(type: HitHandler.self) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        hits = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The response to a request that cannot be parsed belongs to none that the handler of hits has counted.
        hits?.stop()
        context.fireErrorCaught(error)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let request) = unwrapInboundIn(data) {
            openCount += 1
            isWaiting = request.headerFields[.expect]?.lowercased() == "100-continue"
            respond(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        guard case .end = part else { return }
        openCount -= 1
        hits?.responseEnded()
        respond(context)
    }

    /// Asks for the body, unless the response to an earlier request is being written.
    private func respond(_ context: ChannelHandlerContext) {
        guard isWaiting, openCount == 1 else { return }
        isWaiting = false
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
}
#endif
