import Synchronization

/// Lets one warning of a kind through in a second, so that clients cannot flood a log.
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

    /// Whether a warning is to be logged.
    ///
    /// - Parameter kind: One of a fixed number of kinds.
    /// - Returns: How many of its kind were left out since the last one; nil when this one is left out too.
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
