/// A wall-clock time in nanoseconds since 1970-01-01 00:00:00 UTC.
///
/// Entries in shared stores outlive the process, so their times are wall-clock times and not those of a monotonic clock.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Nanoseconds since the Unix epoch, up to the year 2262.
    public var nanoseconds: Int64

    /// Creates a timestamp from nanoseconds since the Unix epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether `left` is earlier than `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Returns the time after a duration, clamped to the representable range.
    public static func + (left: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (nanoseconds, partOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (sum, sumOverflow) = left.nanoseconds.addingReportingOverflow(nanoseconds)
        guard !overflow, !partOverflow, !sumOverflow else {
            return Timestamp(nanoseconds: seconds < 0 ? .min : .max)
        }
        return Timestamp(nanoseconds: sum)
    }

    /// Returns the duration from `right` to `left`.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
    }
}
