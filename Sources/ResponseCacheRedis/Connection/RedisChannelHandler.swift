import HTTPPipeline
import NIOCore

/// Reads the replies of one connection. What is done with them is said by closures, which are let go of at its end.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let jobs: EventLoopJobs
    private var reader = RESPReader()
    private var onReply: ((RESPValue) -> Void)?
    private var onPause: (() -> Void)?
    private var onEnd: ((RedisError) -> Void)?

    /// Creates the handler of a connection.
    ///
    /// - Parameters:
    ///   - jobs: Of the tasks on the event loop, which go on as soon as they have their replies.
    ///   - onReply: Is given each reply.
    ///   - onPause: Is told that all replies were given that have come.
    ///   - onEnd: Is told once why the connection is over.
    init(
        _ jobs: EventLoopJobs,
        onReply: @escaping (RESPValue) -> Void, onPause: @escaping () -> Void, onEnd: @escaping (RedisError) -> Void
    ) {
        self.jobs = jobs
        self.onReply = onReply
        self.onPause = onPause
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let attends = jobs.attend()
        defer { if attends { jobs.runWaiting() } }
        do {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() { onReply?(reply) }
            onPause?()
        } catch {
            onPause?()
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
        onReply = nil
        onPause = nil
        self.onEnd = nil
        onEnd?(error)
    }
}
