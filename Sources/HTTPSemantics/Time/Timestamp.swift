/// A moment on the wall clock, in nanoseconds since 1970-01-01 00:00:00 UTC.
///
/// Stored answers outlive the process in shared stores, so their moments are wall-clock times rather than those of
/// a process-local clock.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Nanoseconds since the Unix epoch; reaches into the year 2262.
    public var nanoseconds: Int64

    /// Creates a moment from nanoseconds since the Unix epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether `left` is earlier than `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `duration` later; beyond the representable range it stays at its end.
    public static func + (left: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return Timestamp(nanoseconds: seconds < 0 ? .min : .max) }
        let (sum, sumOverflow) = left.nanoseconds.addingReportingOverflow(scaled &+ attoseconds / 1_000_000_000)
        return Timestamp(nanoseconds: sumOverflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The time from `right` to `left`.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
    }
}
