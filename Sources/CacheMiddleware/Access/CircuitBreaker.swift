/// The state machine of a circuit breaker. Callers provide the time and the lock.
struct CircuitBreaker {
    private enum State {
        case closed(failures: Int)
        case open(until: Duration)
        /// One operation probes the store; others are skipped until it has ended.
        case halfOpen(until: Duration)
    }

    private let settings: BreakerSettings
    private var state = State.closed(failures: 0)

    init(_ settings: BreakerSettings) {
        self.settings = settings
    }

    /// Returns whether an operation may start. When a pause has ended, the first operation becomes the probe.
    mutating func allows(at moment: Duration) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard moment >= until else { return false }
            // If the outcome of the probe is never reported, another probe follows after the pause.
            state = .halfOpen(until: moment + settings.pause)
            return true
        }
    }

    /// Records a success.
    ///
    /// A slow success leaves too little time for the other operations of a request. It neither resets the number of failures nor
    /// closes the breaker.
    mutating func succeeded(slowly isSlow: Bool, at moment: Duration) {
        switch state {
        case _ where !isSlow: state = .closed(failures: 0)
        case .closed: break
        case .open, .halfOpen: state = .open(until: moment + settings.pause)
        }
    }

    /// Records a failure.
    ///
    /// - Returns: Whether the breaker opened.
    mutating func failed(at moment: Duration) -> Bool {
        switch state {
        case .closed(let failures):
            guard failures + 1 >= settings.failureThreshold else {
                state = .closed(failures: failures + 1)
                return false
            }
            state = .open(until: moment + settings.pause)
            return true
        case .open, .halfOpen:
            state = .open(until: moment + settings.pause)
            return false
        }
    }
}
