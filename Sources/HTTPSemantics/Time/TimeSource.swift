#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Tells the time. Whoever needs the time takes a source, so that tests decide what time it is.
public protocol TimeSource: Sendable {
    /// The present moment.
    var now: Timestamp { get }
}

/// The system's wall clock.
public struct SystemTimeSource: TimeSource {
    /// Creates the source.
    public init() {}

    /// The present moment, read from the system's real-time clock.
    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
