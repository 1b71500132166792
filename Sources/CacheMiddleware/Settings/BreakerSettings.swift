/// The conditions under which the circuit breaker of a store outside the process opens, and for how long.
public struct BreakerSettings: Sendable, Hashable {
    /// The number of consecutive failures that opens the breaker. Errors count, and so do operations that exceed the time limit of
    /// their request. An operation that succeeds within half of that time resets the number. 5 by default.
    public var failureThreshold: Int

    /// The time for which the breaker stays open. Then one operation probes the store. If it fails, or takes more than half of a
    /// request's time, the breaker stays open for another pause. One second by default.
    public var pause: Duration

    /// Creates settings of a circuit breaker.
    public init(failureThreshold: Int = 5, pause: Duration = .seconds(1)) {
        self.failureThreshold = failureThreshold
        self.pause = pause
    }
}
