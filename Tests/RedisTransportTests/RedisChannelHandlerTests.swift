import ConcurrencySupport
import HTTPPipeline
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import RedisTransport

@Suite(.timeLimit(.minutes(5)))
struct RedisChannelHandlerTests {
    @Test func `A task on the event loop resumes after the batch`() async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let waits = eventLoop.makePromise(of: Void.self)
        let waiting = Mutex<UnsafeContinuation<RESPValue, Never>?>(nil)
        let task = Task(executorPreference: EventLoopExecutor(eventLoop)) {
            let reply = await withUnsafeContinuation { continuation in
                waiting.withLock { $0 = continuation }
                waits.succeed()
            }
            waiting.withLock { $0 = nil }
            return reply
        }
        try await waits.futureResult.get()
        try await eventLoop.submit {
            let handler = RedisChannelHandler(
                .of(eventLoop), onReply: { reply in waiting.withLock { $0 }?.resume(returning: reply) },
                onBatchEnd: {
                    #expect(waiting.withLock { $0 != nil }, "all replies are passed on before a task resumes")
                },
                onClose: { _ in })
            let channel = EmbeddedChannel(handler: handler)
            try channel.writeInbound(ByteBuffer(string: "+OK\r\n"))
            #expect(waiting.withLock { $0 == nil })
            _ = try channel.finish()
        }.get()
        #expect(await task.value == .status("OK"))
    }
}
