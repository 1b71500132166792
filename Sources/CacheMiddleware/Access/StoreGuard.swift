import Synchronization

/// Runs the operations of one store outside the process: each for a limited time, and none while the store keeps failing.
final class StoreGuard: Sendable {
    private let limit: Duration
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let breaker: Mutex<CircuitBreaker>
    private let onOpen: @Sendable () -> Void

    /// Creates the guard of a store.
    ///
    /// - Parameters:
    ///   - settings: When the store is left alone.
    ///   - limit: How long an operation may take.
    ///   - clock: Measures the limit and the pauses.
    ///   - onOpen: Is told when the store begins to be left alone.
    init(
        _ settings: BreakerSettings,
        limit: Duration,
        clock: any Clock<Duration>,
        onOpen: @escaping @Sendable () -> Void
    ) {
        self.limit = limit
        self.clock = clock
        self.elapsed = clock.stopwatch()
        self.breaker = Mutex(CircuitBreaker(settings))
        self.onOpen = onOpen
    }

    /// Runs an operation.
    ///
    /// An operation that is too slow is cancelled, and nobody waits for its end.
    ///
    /// - Parameters:
    ///   - isForced: Whether the operation is also run while the store is left alone.
    ///   - limit: How long it may take, if that is less than any operation may.
    ///   - operation: The operation.
    /// - Returns: What the operation returns.
    /// - Throws: What the operation throws, and ``StoreFailure``.
    func callAsFunction<Value: Sendable>(
        isForced: Bool = false, limit: Duration? = nil, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let limit = min(limit ?? self.limit, self.limit)
        // Before the breaker lets it try the store, which it then would not.
        guard limit > .zero else { throw StoreFailure.timedOut(limit) }
        guard breaker.withLock({ $0.allows(at: elapsed()) }) || isForced else { throw StoreFailure.skipped }
        do {
            let value = try await Race(operation).first(within: limit, of: clock)
            breaker.withLock { $0.succeeded() }
            return value
        } catch {
            // The request's own end says nothing of the store, and neither does much less time than others have.
            let isFailure =
                if (error as? StoreFailure)?.isTimeout == true { limit >= self.limit / 2 } else {
                    !(error is CancellationError && Task.isCancelled)
                }
            if isFailure, breaker.withLock({ $0.failed(at: elapsed()) }) {
                onOpen()
            }
            throw error
        }
    }
}
