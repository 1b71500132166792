import ConcurrencySupport
import NIOCore

/// Parses the replies of one connection and passes them to closures, which it releases when the connection ends.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let jobs: EventLoopJobs
    private var reader = RESPReader()
    private var onReply: ((RESPValue) -> Void)?
    private var onBatchEnd: (() -> Void)?
    private var onClose: ((RedisError) -> Void)?

    /// Creates the handler of a connection.
    ///
    /// - Parameters:
    ///   - jobs: The jobs of the event loop. Tasks on it resume as soon as a batch of replies has been passed on.
    ///   - onReply: Receives each reply.
    ///   - onBatchEnd: Called after all replies that arrived together.
    ///   - onClose: Called once, with the reason, when the connection ends.
    init(
        _ jobs: EventLoopJobs,
        onReply: @escaping (RESPValue) -> Void, onBatchEnd: @escaping () -> Void,
        onClose: @escaping (RedisError) -> Void
    ) {
        self.jobs = jobs
        self.onReply = onReply
        self.onBatchEnd = onBatchEnd
        self.onClose = onClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let attends = jobs.attend()
        defer { if attends { jobs.runWaiting() } }
        do {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() { onReply?(reply) }
            onBatchEnd?()
        } catch {
            onBatchEnd?()
            close(.unexpectedReply)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(.connectionLost)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    private func close(_ error: RedisError) {
        let onClose = onClose
        onReply = nil
        onBatchEnd = nil
        self.onClose = nil
        onClose?(error)
    }
}
