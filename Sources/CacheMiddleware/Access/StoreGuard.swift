import ConcurrencySupport
import Synchronization

/// A guard that runs the operations of a store outside the process, each with a time limit, and skips them while the circuit
/// breaker is open.
final class StoreGuard: Sendable {
    private let limit: Duration
    /// The time limit that the store itself enforces.
    private let operationTimeout: Duration?
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let breaker: Mutex<CircuitBreaker>
    private let onOpen: @Sendable () -> Void

    /// Creates the guard of a store.
    ///
    /// - Parameters:
    ///   - store: The store. If it enforces a time limit itself, the smaller limit applies.
    ///   - settings: The settings of the circuit breaker.
    ///   - limit: The time limit of an operation, and of all operations for one request together.
    ///   - clock: Measures the limit and the pauses of the circuit breaker.
    ///   - onOpen: Called when the circuit breaker opens.
    init(
        of store: any CacheStore,
        _ settings: BreakerSettings,
        limit: Duration,
        clock: any Clock<Duration>,
        onOpen: @escaping @Sendable () -> Void
    ) {
        operationTimeout = store.operationTimeout
        precondition(
            operationTimeout.map { $0 > .zero } ?? true, "operationTimeout must be positive or nil")
        self.limit = min(limit, operationTimeout ?? limit)
        self.clock = clock
        self.elapsed = clock.stopwatch()
        self.breaker = Mutex(CircuitBreaker(settings))
        self.onOpen = onOpen
    }

    /// Runs an operation.
    ///
    /// An operation that exceeds its time limit is cancelled and not awaited. If the store itself enforces the limit, the operation
    /// runs without a timer, which is much cheaper.
    ///
    /// - Parameters:
    ///   - isForced: Whether to run the operation even if the circuit breaker is open.
    ///   - budget: The budget of the request; nil gives the operation the whole limit.
    ///   - operation: The operation.
    /// - Returns: The result of the operation.
    /// - Throws: The error of the operation, or ``StoreFailure``.
    func callAsFunction<Value: Sendable>(
        isForced: Bool = false, budget: StoreBudget? = nil,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let left = timeLeft(of: budget)
        // Checked before the breaker, which may otherwise select this operation as its probe.
        guard left > .zero else {
            budget?.reportExhaustion()
            throw StoreFailure.noTime
        }
        let begin = elapsed()
        guard breaker.withLock({ $0.allows(at: begin) }) || isForced else { throw StoreFailure.skipped }
        do {
            let value =
                if endsInTime(left) { try await operation() } else {
                    try await withTimeout(
                        left, clock: clock, throwing: StoreFailure.timedOut(left), operation: operation)
                }
            let end = elapsed()
            budget?.spend(end - begin)
            // The limit is meant for two operations, a look-up and a write.
            let isSlow = end - begin > limit / 2
            if isSlow { budget?.recordSlowOperation(of: self) }
            breaker.withLock { $0.succeeded(slowly: isSlow, at: end) }
            return value
        } catch {
            let end = elapsed()
            budget?.spend(end - begin)
            // A cancelled request says nothing about the store.
            guard !(error is CancellationError && Task.isCancelled) else { throw error }
            let isShort = left < limit / 2 && (error as? StoreFailure) == .timedOut(left)
            // The failure counts against the stores that used up the time, if there are any.
            if !(isShort && budget?.reportExhaustion() == true) { recordFailure() }
            throw error
        }
    }

    /// Reports a failure to the circuit breaker.
    func recordFailure() {
        if breaker.withLock({ $0.failed(at: elapsed()) }) { onOpen() }
    }

    /// Waits for a task that uses the store, but no longer than the budget allows. The task is not cancelled.
    func wait(for task: Task<Void, Never>, budget: StoreBudget) async {
        let left = timeLeft(of: budget)
        guard left > .zero else { return }
        let begin = elapsed()
        try? await withTimeout(left, clock: clock, throwing: StoreFailure.timedOut(left)) { await task.value }
        budget.spend(elapsed() - begin)
    }

    /// Returns whether the store itself ends the operation in time, allowing for the little time that earlier operations have used.
    private func endsInTime(_ left: Duration) -> Bool {
        operationTimeout.map { $0 - left <= limit / 40 } ?? false
    }

    private func timeLeft(of budget: StoreBudget?) -> Duration {
        budget.map { limit - $0.spent } ?? limit
    }
}
