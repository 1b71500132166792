public import HTTPPipeline
import Synchronization

/// A clock that a test sets.
public final class ManualTimeSource: TimeSource {
    private let moment: Mutex<Timestamp>

    /// Creates a clock that stands at `start`.
    public init(_ start: Timestamp = Timestamp(nanoseconds: 1_000_000_000_000_000_000)) {
        moment = Mutex(start)
    }

    /// Where the clock stands.
    public var now: Timestamp { moment.withLock { $0 } }

    /// Moves the clock forward.
    public func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
