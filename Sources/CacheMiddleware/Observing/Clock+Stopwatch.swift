extension Clock where Duration == Swift.Duration {
    /// Starts to measure.
    ///
    /// - Returns: Tells the time since.
    func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
