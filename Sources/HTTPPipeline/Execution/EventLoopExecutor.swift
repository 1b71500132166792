import ConcurrencySupport
public import NIOCore

/// Runs tasks on an event loop.
///
/// A round trip to a server usually wakes up two threads: the event loop that writes the command, and the thread that continues the
/// task with the reply. A task that runs on the event loop of the connection avoids both. `RedisClient` prefers the connection on the
/// event loop of the calling task.
///
/// With the server `onEventLoops()` of `HummingbirdPipeline` the requests of a Hummingbird application run this way. This executor is for
/// other tasks, such as one that fills a store:
///
/// ```swift
/// try await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup.next())) {
///     for key in keys { try await store.entry(for: key) }
/// }
/// ```
///
/// - Child tasks run on the event loop too. Unstructured tasks (`Task { }`) run on Swift's global pool.
/// - Long computations delay the connections of the event loop and their timeouts. Run them with
///   `withTaskExecutorPreference(globalConcurrentExecutor)`, and blocking calls on a `NIOThreadPool`.
/// - The event loop must outlive the tasks. After its shutdown they would never resume.
public final class EventLoopExecutor: TaskExecutor {
    private let jobs: EventLoopJobs

    /// Creates an executor for an event loop.
    ///
    /// - Parameter eventLoop: The event loop that runs the tasks.
    public init(_ eventLoop: any EventLoop) {
        jobs = .of(eventLoop)
    }

    /// Schedules a job of a task.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(UnownedJob(job), on: asUnownedTaskExecutor())
    }
}
