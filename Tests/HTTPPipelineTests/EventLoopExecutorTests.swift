import HTTPPipeline
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EventLoopExecutorTests {
    @Test func `A task and its children stay on the event loop`() async throws {
        // Whatever they waited for.
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let eventLoop = eventLoopGroup.next()
        let other = eventLoopGroup.next()
        try await withTaskExecutorPreference(EventLoopExecutor(eventLoop)) {
            #expect(eventLoop.inEventLoop)
            try await other.submit {}.get()
            #expect(eventLoop.inEventLoop)
            #expect(await Task { eventLoop.inEventLoop }.value == false)
            #expect(eventLoop.inEventLoop)
            await withTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        await Task.yield()
                        #expect(eventLoop.inEventLoop)
                    }
                }
            }
        }
        #expect(!eventLoop.inEventLoop)
        try await eventLoopGroup.shutdownGracefully()
    }
}
