import ConcurrencySupport
import HTTPPipeline
import Synchronization

/// Runs the operations of one store outside the process: each for a limited time, and none while the store keeps failing.
final class StoreGuard: SlowStore {
    private let limit: Duration
    /// How long the store lets an operation take itself.
    private let operationTimeout: Duration?
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let breaker: Mutex<CircuitBreaker>
    private let onOpen: @Sendable () -> Void

    /// Creates the guard of a store.
    ///
    /// - Parameters:
    ///   - store: The store. It may have a limit of its own, which then counts if it is less.
    ///   - settings: When the store is left alone.
    ///   - limit: How long an operation may take, and all operations for one request.
    ///   - clock: Measures the limit and the pauses.
    ///   - onOpen: Is told when the store begins to be left alone.
    init(
        of store: any CacheStore,
        _ settings: BreakerSettings,
        limit: Duration,
        clock: any Clock<Duration>,
        onOpen: @escaping @Sendable () -> Void
    ) {
        operationTimeout = store.operationTimeout
        precondition(
            operationTimeout.map { $0 > .zero } ?? true, "operationTimeout is a duration above 0, or nil")
        self.limit = min(limit, operationTimeout ?? limit)
        self.clock = clock
        self.elapsed = clock.stopwatch()
        self.breaker = Mutex(CircuitBreaker(settings))
        self.onOpen = onOpen
    }

    /// Runs an operation.
    ///
    /// An operation that is too slow is cancelled, and nobody waits for its end; one that the store itself ends in time is left to it,
    /// which is much cheaper than watching it.
    ///
    /// - Parameters:
    ///   - isForced: Whether the operation is also run while the store is left alone.
    ///   - request: The memo of the request that waits, whose operations share the time.
    ///   - operation: The operation.
    /// - Returns: What the operation returns.
    /// - Throws: What the operation throws, and ``StoreFailure``.
    func callAsFunction<Value: Sendable>(
        isForced: Bool = false, for request: RequestMemo? = nil,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let left = timeLeft(of: request)
        // Before the breaker lets it try the store, which it then would not.
        guard left > .zero else {
            _ = request?.blameSlowStores()
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
            request?.addStoreTime(end - begin)
            // The time is for two operations, a look-up and what is stored then.
            let isSlow = end - begin > limit / 2
            if isSlow { request?.addSlowStore(self) }
            breaker.withLock { $0.succeeded(slowly: isSlow, at: end) }
            return value
        } catch {
            let end = elapsed()
            request?.addStoreTime(end - begin)
            // The request's own end says nothing of the store.
            guard !(error is CancellationError && Task.isCancelled) else { throw error }
            let isShort = left < limit / 2 && (error as? StoreFailure) == .timedOut(left)
            // Whoever took the rest is to blame, if there is one.
            if !(isShort && request?.blameSlowStores() == true) { failed() }
            throw error
        }
    }

    func usedUpTime() { failed() }

    private func failed() {
        if breaker.withLock({ $0.failed(at: elapsed()) }) { onOpen() }
    }

    /// Waits for a task that asks the store, for as long as the request has time for it. The task goes on.
    func wait(for task: Task<Void, Never>, for request: RequestMemo) async {
        let left = timeLeft(of: request)
        guard left > .zero else { return }
        let begin = elapsed()
        try? await withTimeout(left, clock: clock, throwing: StoreFailure.timedOut(left)) { await task.value }
        request.addStoreTime(elapsed() - begin)
    }

    /// Whether the store itself ends what begins now, in time but for what quick operations before it have taken.
    private func endsInTime(_ left: Duration) -> Bool {
        operationTimeout.map { $0 - left <= limit / 40 } ?? false
    }

    private func timeLeft(of request: RequestMemo?) -> Duration {
        request.map { limit - $0.storeTime } ?? limit
    }
}
