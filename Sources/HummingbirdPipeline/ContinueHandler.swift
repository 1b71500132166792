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
