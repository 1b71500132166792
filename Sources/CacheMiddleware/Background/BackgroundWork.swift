import ConcurrencySupport
public import ServiceLifecycle
import Synchronization

/// A service that runs handlers after the requests that needed them were answered, to refresh stored responses.
///
/// The number of concurrent runs is bounded. A run beyond the limit is skipped, and a later request tries again. If you add the
/// object to the application as a service, its runs are cancelled when the application shuts down:
///
/// ```swift
/// let background = BackgroundWork()
/// app.addServices(background)
/// ```
public final class BackgroundWork: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        /// The runs that ended before their task was recorded.
        var ended: Set<Int> = []
        var lastNumber = 0
        var isShutDown = false
        /// The callers of ``waitUntilIdle()``.
        var idle: [Int: CheckedContinuation<Void, any Error>] = [:]
        var running = 0
    }

    /// The maximum number of concurrent runs.
    public let limit: Int

    private let state = Mutex(State())

    /// Creates an object that runs background work.
    ///
    /// - Parameter limit: The maximum number of concurrent runs.
    public init(limit: Int = 64) {
        precondition(limit >= 0, "the limit of BackgroundWork is 0 or more, not \(limit)")
        self.limit = limit
    }

    deinit {
        cancelAll()
    }

    /// The number of current runs.
    public var count: Int { state.withLock { $0.running } }

    /// Starts a run unless the limit is reached or the application is shutting down.
    ///
    /// - Returns: Whether the run was started.
    @discardableResult
    public func run(_ work: @escaping @Sendable () async -> Void) -> Bool {
        let number = state.withLock { state -> Int? in
            guard !state.isShutDown, state.running < limit else { return nil }
            state.running += 1
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return false }
        // Captured weakly, so that a run does not keep this object alive.
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

    /// Waits until no run is left, or until the calling task is cancelled.
    public func waitUntilIdle() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try? await waitCancellably { continuation in
            state.withLock { state in
                guard state.running > 0 else { return .success(()) }
                state.idle[number] = continuation
                return nil
            }
        } removing: {
            self.state.withLock { $0.idle.removeValue(forKey: number) }
        }
    }

    private func cancelAll() {
        let tasks = state.withLock { $0.tasks.values.map { $0 } }
        for task in tasks { task.cancel() }
    }

    private func end(_ number: Int) {
        let idle = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
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
