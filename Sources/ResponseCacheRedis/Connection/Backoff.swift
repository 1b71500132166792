/// How long to wait before the next attempt to connect: twice as long after each failure, up to a limit, and of that a random part,
/// so that many clients do not come back at once.
struct Backoff: Sendable, Hashable {
    /// The pause after the first failure, before chance shortens it.
    let base: Duration
    /// The longest pause.
    let limit: Duration
    private var failures = 0

    init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// Notes a failure.
    ///
    /// - Parameter random: A number from 0 to 1.
    /// - Returns: How long to wait: from half of the present pause to all of it.
    mutating func failed(random: Double) -> Duration {
        // Beyond 2^20 every base has reached the limit, or is none.
        let pause = min(limit, base * (1 << min(failures, 20)))
        failures += 1
        return pause * (0.5 + 0.5 * random)
    }

    /// Notes the end of a connection that the server had let in.
    ///
    /// One that lasted as long as the longest pause is a success. A shorter one is not, so that the pauses grow for a server that
    /// answers a greeting and fails soon after it.
    ///
    /// - Parameter duration: How long the connection lasted.
    mutating func ended(after duration: Duration) {
        if duration >= limit { failures = 0 }
    }
}
