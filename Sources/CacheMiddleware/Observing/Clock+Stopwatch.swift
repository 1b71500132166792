extension Clock where Duration == Swift.Duration {
    /// Starts measuring time.
    ///
    /// - Returns: A function that returns the elapsed time.
    func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
