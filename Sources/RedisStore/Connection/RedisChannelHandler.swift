import NIOCore

/// Reads the replies of one connection. What is done with them is said by two closures, which are let go of at its end.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var reader = RESPReader()
    private var onReplies: (([RESPValue]) -> Void)?
    private var onEnd: ((RedisError) -> Void)?

    /// Creates the handler of a connection.
    ///
    /// - Parameters:
    ///   - onReplies: Is given all replies that came together.
    ///   - onEnd: Is told once why the connection is over.
    init(onReplies: @escaping ([RESPValue]) -> Void, onEnd: @escaping (RedisError) -> Void) {
        self.onReplies = onReplies
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var replies: [RESPValue] = []
        do {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() { replies.append(reply) }
            if !replies.isEmpty { onReplies?(replies) }
        } catch {
            // What came before the nonsense are replies all the same.
            if !replies.isEmpty { onReplies?(replies) }
            end(.unexpectedReply)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.connectionLost)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    private func end(_ error: RedisError) {
        let onEnd = onEnd
        onReplies = nil
        self.onEnd = nil
        onEnd?(error)
    }
}
