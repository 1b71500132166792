public import ServiceLifecycle
import Synchronization

/// Runs handlers after the requests that needed them were answered: refreshes of stored answers.
///
/// The number of runs at the same time is bounded; what is beyond is not done, and a later request asks again. As a service
/// of the application the runs are cancelled when it shuts down:
///
/// ```swift
/// let background = BackgroundWork()
/// app.addServices(background)
/// ```
public final class BackgroundWork: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        /// The runs that ended before their task was written down.
        var ended: Set<Int> = []
        var lastNumber = 0
        var isShutDown = false
        /// Those who wait for nothing to run.
        var idle: [Int: CheckedContinuation<Void, Never>] = [:]
        var running = 0
    }

    /// The largest number of runs at the same time.
    public let limit: Int

    private let state = Mutex(State())

    /// Creates the place for background work.
    ///
    /// - Parameter limit: The largest number of runs at the same time.
    public init(limit: Int = 64) {
        precondition(limit >= 0, "the limit of BackgroundWork is 0 or more, not \(limit)")
        self.limit = limit
    }

    deinit {
        cancelAll()
    }

    /// The number of runs at present.
    public var count: Int { state.withLock { $0.running } }

    /// Starts a run, unless there are too many or the application shuts down.
    ///
    /// - Returns: Whether it was started.
    @discardableResult
    public func run(_ work: @escaping @Sendable () async -> Void) -> Bool {
        let number = state.withLock { state -> Int? in
            guard !state.isShutDown, state.running < limit else { return nil }
            state.running += 1
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return false }
        // Its own state, so that a run does not keep what started it alive.
        let task = Task { [weak self] in
            await work()
            self?.end(number)
        }
        let isCancelled = state.withLock { state -> Bool in
            if state.ended.remove(number) == nil { state.tasks[number] = task }
            return state.isShutDown
        }
        if isCancelled { task.cancel() }
        return true
    }

    /// Cancels all runs and starts no more.
    public func shutDown() {
        state.withLock { $0.isShutDown = true }
        cancelAll()
    }

    /// Waits until nothing runs, or until the task that waits is cancelled.
    public func waitUntilIdle() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.running > 0, !Task.isCancelled else { return true }
                    state.idle[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.idle.removeValue(forKey: number) }?.resume()
        }
    }

    private func cancelAll() {
        let tasks = state.withLock { $0.tasks.values.map { $0 } }
        for task in tasks { task.cancel() }
    }

    private func end(_ number: Int) {
        let idle = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.running -= 1
            if state.tasks.removeValue(forKey: number) == nil { state.ended.insert(number) }
            guard state.running == 0 else { return [] }
            defer { state.idle = [:] }
            return Array(state.idle.values)
        }
        for continuation in idle { continuation.resume() }
    }
}

extension BackgroundWork: Service {
    /// Waits for the shutdown of the application, then cancels all runs and waits for their end.
    public func run() async throws {
        try? await gracefulShutdown()
        shutDown()
        await waitUntilIdle()
    }
}
