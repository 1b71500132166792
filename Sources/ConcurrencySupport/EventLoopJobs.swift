package import NIOCore
import Synchronization

/// The jobs of Swift tasks that wait to run on an event loop.
///
/// Code that resumes tasks while it runs on the event loop, such as a channel handler that reads replies, calls ``attend()`` first and
/// ``runWaiting()`` before it returns. The resumed tasks then run at once, before the event loop does anything else, and need no
/// event loop tick of their own. All other jobs share one tick.
package final class EventLoopJobs: Sendable {
    private struct Job {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        var waiting: [Job] = []
        /// An empty array whose capacity is reused.
        var spare: [Job] = []
        /// A reference to this object from the time a tick is requested until it starts. The caller may hold the only other
        /// reference through a task that ends before the tick.
        var awaitingTurn: EventLoopJobs?
        /// Whether code on the event loop runs the waiting jobs before it returns.
        var isAttended = false

        /// Records that a tick is requested.
        ///
        /// - Returns: Whether the caller has to request it.
        mutating func awaitTurn(of jobs: EventLoopJobs) -> Bool {
            guard !isAttended, awaitingTurn == nil else { return false }
            awaitingTurn = jobs
            return true
        }

        mutating func attend() -> Bool {
            guard !isAttended else { return false }
            isAttended = true
            return true
        }
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Enqueues a job, which runs on the event loop.
    package func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor) {
        let needsTurn = state.withLock { state in
            state.waiting.append(Job(job: job, executor: executor))
            return state.awaitTurn(of: self)
        }
        if needsTurn { requestTurn() }
    }

    /// Announces that the caller, which runs on the event loop, calls ``runWaiting()`` before it returns.
    ///
    /// - Returns: False if another function further up the stack has announced it. The caller must not call ``runWaiting()`` then.
    package func attend() -> Bool {
        eventLoop.assertInEventLoop()
        return state.withLock { $0.attend() }
    }

    /// Runs the waiting jobs. The caller has called ``attend()``. Jobs that are enqueued meanwhile run in the next tick.
    package func runWaiting() {
        var jobs = state.withLock { state in
            var jobs = state.spare
            state.spare = []
            swap(&jobs, &state.waiting)
            return jobs
        }
        for job in jobs { job.job.runSynchronously(on: job.executor) }
        jobs.removeAll(keepingCapacity: true)
        let needsTurn = state.withLock { state in
            state.spare = jobs
            state.isAttended = false
            return !state.waiting.isEmpty && state.awaitTurn(of: self)
        }
        if needsTurn { requestTurn() }
    }

    private func requestTurn() {
        eventLoop.execute { [self] in
            let attends = state.withLock { state in
                state.awaitingTurn = nil
                return state.attend()
            }
            if attends { runWaiting() }
        }
    }
}

extension EventLoopJobs {
    private static let all = Mutex<[ObjectIdentifier: WeakJobs]>([:])

    /// Returns the jobs of an event loop: the same object for as long as it is referenced.
    package static func of(_ eventLoop: any EventLoop) -> EventLoopJobs {
        all.withLock { all in
            let identifier = ObjectIdentifier(eventLoop)
            if let jobs = all[identifier]?.jobs { return jobs }
            // Jobs reference their event loop, so its identifier is not reused while they exist.
            all = all.filter { $0.value.jobs != nil }
            let jobs = EventLoopJobs(eventLoop)
            all[identifier] = WeakJobs(jobs: jobs)
            return jobs
        }
    }
}

private struct WeakJobs: Sendable {
    weak let jobs: EventLoopJobs?
}
