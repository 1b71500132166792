public import NIOCore

/// Runs tasks on an event loop.
///
/// A task that asks a server usually waits twice for another thread to wake up: for the event loop that writes the command, and for
/// its own to go on with the reply. A task that runs on the event loop of the connection does neither, so looking up one entry after
/// the other takes about two thirds of the time. ``RedisClient`` uses the connection of the event loop that a task is on, when it
/// has one there.
///
/// It is for an application's own use of a store, such as filling it, and for requests: a cache looks entries up in the task of the
/// request, as long as little of its time for stores is used up.
///
/// ```swift
/// try await withTaskExecutorPreference(EventLoopExecutor(eventLoopGroup.next())) {
///     for key in keys { try await store.entry(for: key) }
/// }
/// ```
///
/// What runs there must not keep the thread busy for long: the connections of the event loop wait meanwhile.
public final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// Creates an executor of an event loop.
    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Runs a part of a task, when its turn comes.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        eventLoop.execute { job.runSynchronously(on: executor) }
    }
}
