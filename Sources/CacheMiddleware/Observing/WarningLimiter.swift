import Synchronization

/// A limiter that admits one warning of each kind per second, so that clients cannot flood a log.
final class WarningLimiter: Sendable {
    private struct Kind {
        var last: Duration
        var omitted = 0
    }

    private static let interval: Duration = .seconds(1)

    private let elapsed: @Sendable () -> Duration
    private let kinds = Mutex<[String: Kind]>([:])

    /// Creates a limiter.
    ///
    /// - Parameter clock: Measures the time between warnings.
    init(clock: any Clock<Duration>) {
        elapsed = clock.stopwatch()
    }

    /// Decides whether to log a warning.
    ///
    /// - Parameter kind: One of a fixed number of kinds.
    /// - Returns: The number of warnings of this kind that were omitted since the last one; nil when this one must be omitted too.
    func admit(_ kind: String) -> Int? {
        let now = elapsed()
        return kinds.withLock { kinds in
            if let known = kinds[kind], now - known.last < Self.interval {
                kinds[kind]?.omitted += 1
                return nil
            }
            let omitted = kinds[kind]?.omitted ?? 0
            kinds[kind] = Kind(last: now)
            return omitted
        }
    }
}
