/// Exponential backoff with jitter between attempts to connect.
///
/// The delay doubles with each failure up to a limit. Up to half of it is subtracted at random, so that clients do not reconnect in
/// lockstep.
package struct Backoff: Sendable, Hashable {
    /// The delay after the first failure, without jitter.
    package let base: Duration
    /// The maximum delay.
    package let limit: Duration
    private var failures = 0

    package init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// Records a failure.
    ///
    /// - Parameter random: A random number from 0 to 1.
    /// - Returns: The delay before the next attempt.
    package mutating func nextDelay(random: Double) -> Duration {
        // 2^20 exceeds the ratio of any sensible limit to its base.
        let delay = min(limit, base * (1 << min(failures, 20)))
        failures += 1
        return delay * (0.5 + 0.5 * random)
    }

    /// Records the end of a connection whose handshake had succeeded.
    ///
    /// Only a connection that lasted as long as the maximum delay resets the backoff. The delays keep growing for a server that accepts
    /// connections and fails soon afterwards.
    ///
    /// - Parameter duration: The duration of the connection.
    package mutating func connectionEnded(after duration: Duration) {
        if duration >= limit { failures = 0 }
    }
}
