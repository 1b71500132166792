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

    /// Takes note of a failure.
    ///
    /// - Parameter random: A number from 0 to 1.
    /// - Returns: How long to wait: from half of the present pause to all of it.
    mutating func failed(random: Double) -> Duration {
        // Beyond 2^20 every base has reached the limit, or is none.
        let pause = min(limit, base * (1 << min(failures, 20)))
        failures += 1
        return pause * (0.5 + 0.5 * random)
    }

    /// Takes note of a success.
    mutating func succeeded() {
        failures = 0
    }
}
