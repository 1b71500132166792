import NIOCore

/// Passes the events of one side to a connection of the proxy.
final class FaultProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The peer of a channel.
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
