package import NIOCore
import Synchronization

/// The queue of task jobs that are ready to run on an event loop.
///
/// Code that runs on the event loop and resumes tasks, such as a channel handler that reads replies, calls ``attend()`` first and
/// ``runWaiting()`` at its end. The resumed jobs then run immediately, without another tick of the event loop. All other jobs run in one
/// tick that the queue schedules.
package final class EventLoopJobs: Sendable {
    private struct Job {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        var waiting: [Job] = []
        /// An empty array whose memory is reused.
        var spare: [Job] = []
        /// Retains the queue while a tick is scheduled. Otherwise only the tasks retain it, and they may end before the tick when
        /// another caller attends.
        var awaitingTurn: EventLoopJobs?
        /// Whether a caller on the event loop will run the jobs, or is running them.
        var isAttended = false

        /// Records that a tick is needed.
        ///
        /// - Returns: Whether the caller must schedule it.
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

    /// Adds a job.
    func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor) {
        let needsTurn = state.withLock { state in
            state.waiting.append(Job(job: job, executor: executor))
            return state.awaitTurn(of: self)
        }
        if needsTurn { askForTurn() }
    }

    /// Announces that the caller, which runs on the event loop, will call ``runWaiting()``.
    ///
    /// - Returns: False when another caller has announced it; then this caller must not call ``runWaiting()``.
    package func attend() -> Bool {
        eventLoop.assertInEventLoop()
        return state.withLock { $0.attend() }
    }

    /// Runs the jobs, after ``attend()``. Jobs that are added meanwhile run in a later tick.
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
        if needsTurn { askForTurn() }
    }

    private func askForTurn() {
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

    /// Returns the queue of an event loop: one instance per event loop while it is in use.
    package static func of(_ eventLoop: any EventLoop) -> EventLoopJobs {
        all.withLock { all in
            let identifier = ObjectIdentifier(eventLoop)
            if let jobs = all[identifier]?.jobs { return jobs }
            // A queue retains its event loop, so its identifier is not reused while the queue exists.
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
