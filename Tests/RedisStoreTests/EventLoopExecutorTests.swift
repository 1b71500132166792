import NIOCore
import NIOPosix
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(5)))
struct EventLoopExecutorTests {
    @Test func `Tasks and their child tasks run on the event loops of the group`() async throws {
        try await withEventLoopGroup { eventLoopGroup in
            let eventLoops = Set(eventLoopGroup.makeIterator().map { ObjectIdentifier($0) })
            await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup)) {
                #expect(currentEventLoop.map(eventLoops.contains) == true)
                await withTaskGroup { group in
                    for _ in 0..<20 {
                        group.addTask {
                            for _ in 0..<20 {
                                #expect(currentEventLoop.map(eventLoops.contains) == true)
                                await Task.yield()
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `A task goes on where it was resumed`() async throws {
        try await withEventLoopGroup { eventLoopGroup in
            try await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup)) {
                for eventLoop in eventLoopGroup.makeIterator() {
                    try await eventLoop.submit {}.get()
                    #expect(currentEventLoop == ObjectIdentifier(eventLoop))
                    await Task.yield()
                    #expect(currentEventLoop == ObjectIdentifier(eventLoop))
                }
            }
        }
    }

    @Test func `A single event loop runs all of a task`() async throws {
        try await withEventLoopGroup { eventLoopGroup in
            let eventLoops = Array(eventLoopGroup.makeIterator())
            try await withTaskExecutorPreference(EventLoopExecutor(eventLoops[0])) {
                try await eventLoops[1].submit {}.get()
                #expect(currentEventLoop == ObjectIdentifier(eventLoops[0]))
            }
        }
    }

    private var currentEventLoop: ObjectIdentifier? {
        MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
    }

    /// Runs a body with three event loops of its own.
    private func withEventLoopGroup(_ body: (MultiThreadedEventLoopGroup) async throws -> Void) async throws {
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        try await body(eventLoopGroup)
        try await eventLoopGroup.shutdownGracefully()
    }
}
