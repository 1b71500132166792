import NIOCore

/// Tells a connection of the proxy what comes from one of its sides.
final class FaultProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Who is at the other end of a channel.
    enum Side {
        case client, server
    }

    private let connection: FaultProxyConnection
    private let side: Side

    init(_ connection: FaultProxyConnection, _ side: Side) {
        self.connection = connection
        self.side = side
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = unwrapInboundIn(data)
        switch side {
        case .client: connection.receivedRequest(piece)
        case .server: connection.receivedReply(piece)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch side {
        case .client: connection.clientClosed()
        case .server: connection.receivedReply(nil)
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
