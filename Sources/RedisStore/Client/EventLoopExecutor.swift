public import NIOCore

/// Runs tasks on event loops.
///
/// A task that asks a server usually waits twice for another thread to wake up: for the event loop that writes the command, and for
/// its own to go on with the reply. A task that runs on the event loop of the connection does neither, so looking up one entry after
/// the other takes about two thirds of the time. A whole application can be run so, every request of it included:
///
/// ```swift
/// try await withTaskExecutorPreference(EventLoopExecutor(application.eventLoopGroup)) {
///     try await application.runService()
/// }
/// ```
///
/// A task stays on the event loop that it is on, and goes to another one with what it waited for: a request begins on the event loop
/// of its connection, and goes on where the reply to its command came. ``RedisClient`` uses the connection of the present event loop,
/// when it has one there; with as many as there are event loops (``RedisClientSettings/connectionCount``) a request changes no thread.
///
/// - What computes for long keeps all connections of its event loop waiting, and the tasks of a task group begin on the event loop of
///   the task that adds them. For both there is `withTaskExecutorPreference(globalConcurrentExecutor)`.
/// - Tasks that are not child tasks (`Task { }`) run on Swift's global pool, as ever.
public final class EventLoopExecutor: TaskExecutor {
    private let eventLoopGroup: any EventLoopGroup

    /// Creates an executor of a group of event loops, or of a single one.
    ///
    /// - Parameter eventLoopGroup: Where tasks run: on the present event loop when it is one of the group, else on any.
    public init(_ eventLoopGroup: any EventLoopGroup) {
        self.eventLoopGroup = eventLoopGroup
    }

    /// Runs a part of a task, when its turn comes.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        eventLoopGroup.any().execute { job.runSynchronously(on: executor) }
    }
}
