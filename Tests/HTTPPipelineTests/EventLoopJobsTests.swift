import ConcurrencySupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HTTPPipeline

@Suite(.timeLimit(.minutes(5)))
struct EventLoopJobsTests {
    @Test func `All callers share the jobs of one event loop`() async throws {
        // Another event loop has other jobs.
        try await withEventLoops(2) { eventLoops in
            let jobs = eventLoops.map { EventLoopJobs.of($0) }
            #expect(jobs[0] === EventLoopJobs.of(eventLoops[0]))
            #expect(jobs[1] === EventLoopJobs.of(eventLoops[1]))
            #expect(jobs[0] !== jobs[1])
        }
    }

    @Test func `Only the attending thread runs waiting jobs`() async throws {
        try await withEventLoops(1) { eventLoops in
            let eventLoop = eventLoops[0]
            let hasRun = Mutex(false)
            let run: @Sendable () -> Void = { hasRun.withLock { $0 = true } }
            try await eventLoop.submit {
                let jobs = EventLoopJobs.of(eventLoop)
                #expect(jobs.attend())
                #expect(!jobs.attend())
                Task(executorPreference: EventLoopExecutor(eventLoop)) { run() }
                #expect(!hasRun.withLock { $0 })
                jobs.runWaiting()
                #expect(hasRun.withLock { $0 })
            }.get()
        }
    }

    @Test func `A job added by a job runs after earlier tasks`() async throws {
        // After earlier tasks of the event loop.
        try await withEventLoops(1) { eventLoops in
            let eventLoop = eventLoops[0]
            let order = Mutex<[String]>([])
            let note: @Sendable (String) -> Void = { name in order.withLock { $0.append(name) } }
            try await eventLoop.submit {
                let jobs = EventLoopJobs.of(eventLoop)
                let executor = EventLoopExecutor(eventLoop)
                #expect(jobs.attend())
                Task(executorPreference: executor) {
                    note("first")
                    #expect(!jobs.attend(), "none runs within another")
                    await Task.yield()
                    note("first again")
                }
                Task(executorPreference: executor) { note("second") }
                eventLoop.execute { note("event loop") }
                jobs.runWaiting()
                note("left")
            }.get()
            try await eventLoop.submit {}.get()
            #expect(order.withLock { $0 } == ["first", "second", "left", "event loop", "first again"])
        }
    }

    @Test func `Jobs from other threads run on the event loop`() async throws {
        try await withEventLoops(1) { eventLoops in
            let executor = EventLoopExecutor(eventLoops[0])
            let sum = await withTaskGroup(of: Int.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        await withTaskExecutorPreference(executor) {
                            await Task.yield()
                            return number
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(sum == 499_500)
        }
    }

    private func withEventLoops(_ count: Int, _ body: ([any EventLoop]) async throws -> Void) async throws {
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: count)
        try await body(Array(eventLoopGroup.makeIterator()))
        try await eventLoopGroup.shutdownGracefully()
    }
}
