#if Hummingbird
import HTTPSemantics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The current second, and its text for Date fields. Each event loop has its own.
struct DateClock {
    /// The length of a date in bytes.
    static let length = 29

    /// The seconds since the epoch.
    private(set) var second = Int64.min
    /// The date of the second.
    private(set) var text: [UInt8] = []

    /// Reads the clock of the system, from which servers take Date.
    @inline(__always)
    mutating func update() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        if Int64(now.tv_sec) != second { set(Int64(now.tv_sec)) }
    }

    /// Sets the second.
    @inline(never)
    mutating func set(_ new: Int64) {
        second = new
        text = Array(HTTPDate(secondsSinceEpoch: new).description.utf8)
    }
}
#endif
