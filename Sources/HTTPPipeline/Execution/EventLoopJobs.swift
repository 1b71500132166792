package import NIOCore
import Synchronization

/// The parts of tasks that wait for their turn on an event loop, of all tasks that run there.
///
/// Whoever makes tasks go on while it has the event loop, such as the handler of a connection that reads replies, runs them before it
/// leaves, when it has begun to ``attend()``: they then need no turn of their own, and go on before the event loop does anything else.
/// All others have the event loop give them a turn, one for all that wait.
package final class EventLoopJobs: Sendable {
    private struct Job {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        var waiting: [Job] = []
        /// An empty array, whose memory the next ones use.
        var spare: [Job] = []
        /// These jobs themselves, from when the event loop is to be asked for a turn until the turn begins: whoever asks may have them
        /// only through a task, which comes to its end before when somebody attends.
        var awaitingTurn: EventLoopJobs?
        /// Whether somebody who has the event loop runs what waits before it leaves, or is about to run it.
        var isAttended = false

        /// Takes note that the event loop is to be asked for a turn.
        ///
        /// - Returns: Whether it has to be asked.
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

    /// Takes a part of a task, which is run on the event loop.
    func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor) {
        let needsTurn = state.withLock { state in
            state.waiting.append(Job(job: job, executor: executor))
            return state.awaitTurn(of: self)
        }
        if needsTurn { askForTurn() }
    }

    /// Says that the caller, who has the event loop, will call ``runWaiting()`` before it leaves.
    ///
    /// - Returns: False when somebody has said so already, who is about to run what waits; the caller then must not.
    package func attend() -> Bool {
        eventLoop.assertInEventLoop()
        return state.withLock { $0.attend() }
    }

    /// Runs what waits, after ``attend()``. What begins to wait meanwhile has a turn of the event loop.
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

    /// Those of an event loop, which are the same ones for as long as anybody has them.
    package static func of(_ eventLoop: any EventLoop) -> EventLoopJobs {
        all.withLock { all in
            let identifier = ObjectIdentifier(eventLoop)
            if let jobs = all[identifier]?.jobs { return jobs }
            // Jobs keep their event loop, so while there are some, no other event loop has its identifier.
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
