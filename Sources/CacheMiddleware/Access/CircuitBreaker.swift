/// Decides whether a store that has failed is asked again: the rules, without clock and lock.
struct CircuitBreaker {
    private enum State {
        case closed(failures: Int)
        case open(until: Duration)
        /// One operation tries the store, and the others leave it alone until that has ended.
        case halfOpen(until: Duration)
    }

    private let settings: BreakerSettings
    private var state = State.closed(failures: 0)

    init(_ settings: BreakerSettings) {
        self.settings = settings
    }

    /// Whether an operation may begin at this moment.
    mutating func allows(at moment: Duration) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard moment >= until else { return false }
            // A probe whose outcome nobody tells is followed by another one.
            state = .halfOpen(until: moment + settings.pause)
            return true
        }
    }

    /// Takes note of a success.
    ///
    /// A slow one says little: requests that need more than this operation fail for want of time. It neither ends a series of failures
    /// nor shows that the store is well again.
    mutating func succeeded(slowly isSlow: Bool, at moment: Duration) {
        switch state {
        case _ where !isSlow: state = .closed(failures: 0)
        case .closed: break
        case .open, .halfOpen: state = .open(until: moment + settings.pause)
        }
    }

    /// Takes note of a failure.
    ///
    /// - Returns: Whether the store is left alone from now on, and was not before.
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
