import ConcurrencySupport
public import NIOCore

/// Runs tasks on an event loop.
///
/// A task that asks a server usually waits twice for another thread to wake up: for the event loop that writes the command, and for
/// its own to go on with the reply. A task that runs on the event loop of the connection does neither. `RedisClient` uses the connection
/// of the event loop that a task is on, when it has one there.
///
/// The requests of a Hummingbird application run so with the server `onEventLoops()` of `HummingbirdPipeline`. This is for other tasks,
/// such as one that fills a store:
///
/// ```swift
/// try await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup.next())) {
///     for key in keys { try await store.entry(for: key) }
/// }
/// ```
///
/// - Child tasks run there too. Others (`Task { }`) run on Swift's global pool, as ever.
/// - What computes for long keeps the event loop's connections waiting, those to servers among them, whose time-outs come late then.
///   It runs with `withTaskExecutorPreference(globalConcurrentExecutor)`, and what blocks a thread on a `NIOThreadPool`.
/// - The event loop has to live longer than the tasks: one that is shut down runs nothing, and they would never end.
public final class EventLoopExecutor: TaskExecutor {
    private let jobs: EventLoopJobs

    /// Creates an executor of an event loop.
    ///
    /// - Parameter eventLoop: Where the tasks run.
    public init(_ eventLoop: any EventLoop) {
        jobs = .of(eventLoop)
    }

    /// Runs a part of a task, when its turn comes.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(UnownedJob(job), on: asUnownedTaskExecutor())
    }
}
