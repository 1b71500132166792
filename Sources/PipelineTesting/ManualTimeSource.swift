public import HTTPPipeline
import Synchronization

/// A wall clock that a test controls.
public final class ManualTimeSource: TimeSource {
    private let moment: Mutex<Timestamp>

    /// Creates a clock that shows `start`.
    public init(_ start: Timestamp = Timestamp(nanoseconds: 1_000_000_000_000_000_000)) {
        moment = Mutex(start)
    }

    /// The time that the clock shows.
    public var now: Timestamp { moment.withLock { $0 } }

    /// Moves the clock forward.
    public func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
