import HTTPSemantics
import Synchronization

/// The versions of new rows.
///
/// A row that is created again under its key, or under a number that a database uses again, must not get a version that an earlier row
/// had: a client with the tag of that row would overwrite the new one. A version starts with the time in microseconds. An earlier row had
/// greater versions only if it was updated more than a million times a second for all its life.
enum FirstVersion {
    private static let last = Atomic<Int64>(0)

    /// Returns a version after all that this process has returned, also if the clock is set back.
    static func next() -> Int64 {
        let now = SystemTimeSource().now.nanoseconds / 1000
        var last = last.load(ordering: .relaxed)
        while true {
            let next = max(now, last + 1)
            let (isExchanged, current) = Self.last.weakCompareExchange(
                expected: last, desired: next, ordering: .relaxed)
            if isExchanged { return next }
            last = current
        }
    }
}
