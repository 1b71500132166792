#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A source of the current time. Tests replace it to control time.
public protocol TimeSource: Sendable {
    /// The current time.
    var now: Timestamp { get }
}

/// The wall clock of the system.
public struct SystemTimeSource: TimeSource {
    /// Creates a source that reads the clock of the system.
    public init() {}

    /// The current time of the system's real-time clock.
    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
