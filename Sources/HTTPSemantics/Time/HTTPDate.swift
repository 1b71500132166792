/// A date of a header field, in whole seconds (RFC 9110 section 5.6.7).
///
/// Three formats are parsed, and no others: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
/// `Sun Nov  6 08:49:37 1994`. The first one is generated.
public struct HTTPDate: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
    public let secondsSinceEpoch: Int64

    /// Creates a date. Years before 0 and after 9999, which the format cannot represent, are clamped.
    public init(secondsSinceEpoch: Int64) {
        self.secondsSinceEpoch = min(max(secondsSinceEpoch, -62_167_219_200), 253_402_300_799)
    }

    /// Creates the date of a timestamp. The fraction of a second is dropped.
    public init(_ moment: Timestamp) {
        let (seconds, remainder) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(secondsSinceEpoch: remainder < 0 ? seconds - 1 : seconds)
    }

    /// Parses a date. Returns nil when the text is not a valid date.
    ///
    /// Names of days and months and `GMT` are case-insensitive. The day of the week is not checked against the date. O(1): a text that
    /// is longer than a date is rejected without being parsed.
    ///
    /// - Parameters:
    ///   - field: The value of a field.
    ///   - now: The current time. A two-digit year that would be more than 50 years in the future is taken to be in the past.
    public init?(_ field: some StringProtocol, now: Timestamp = SystemTimeSource().now) {
        let parsed = field.utf8.withContiguousStorageIfAvailable { bytes -> HTTPDate? in
            guard bytes.count <= 33 else { return nil }
            var parser = HTTPDateParser(bytes: bytes, thisYear: { HTTPDate(now).civil.year })
            return parser.date()
        }
        if let parsed {
            guard let date = parsed else { return nil }
            self = date
        } else {
            // The string is not stored as contiguous UTF-8.
            self.init(String(decoding: Array(field.utf8), as: UTF8.self), now: now)
        }
    }

    /// Whether `left` is earlier than `right`.
    public static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.secondsSinceEpoch < right.secondsSinceEpoch }

    /// Creates the date of a day and time of the proleptic Gregorian calendar. Returns nil for an invalid day or time. A leap second
    /// (60) equals the first second of the next minute.
    init?(year: Int, month: Int, day: Int, time: (hour: Int, minute: Int, second: Int)) {
        guard (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day),
            (0...23).contains(time.hour), (0...59).contains(time.minute), (0...60).contains(time.second)
        else { return nil }
        // Counts days in years that begin in March, so that the leap day is the last (Hinnant, "chrono-compatible
        // low-level date algorithms").
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        self.init(secondsSinceEpoch: Int64(days * 86_400 + time.hour * 3600 + time.minute * 60 + time.second))
    }

    /// Year, month, day and the day of the week, 0 for Sunday.
    var civil: (year: Int, month: Int, day: Int, weekday: Int) {
        let days = Int((secondsSinceEpoch - (secondsSinceEpoch < 0 ? 86_399 : 0)) / 86_400)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
            weekday: ((days + 4) % 7 + 7) % 7
        )
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

extension HTTPDate: CustomStringConvertible {
    /// The date in the preferred format: `Sun, 06 Nov 1994 08:49:37 GMT`.
    public var description: String {
        let (year, month, day, weekday) = civil
        let second = Int(((secondsSinceEpoch % 86_400) + 86_400) % 86_400)
        return String(unsafeUninitializedCapacity: 29) { text in
            var end = 0
            func append(_ characters: some Sequence<UInt8>) {
                for character in characters {
                    text[end] = character
                    end += 1
                }
            }
            func append(_ number: Int, digits: Int) {
                var number = number
                for index in stride(from: digits - 1, through: 0, by: -1) {
                    text[end + index] = UInt8(ascii: "0") + UInt8(number % 10)
                    number /= 10
                }
                end += digits
            }
            append(Self.weekdays[weekday].utf8.prefix(3))
            append(", ".utf8)
            append(day, digits: 2)
            append(" ".utf8)
            append(Self.months[month - 1].utf8)
            append(" ".utf8)
            append(year, digits: 4)
            append(" ".utf8)
            append(second / 3600, digits: 2)
            append(":".utf8)
            append(second / 60 % 60, digits: 2)
            append(":".utf8)
            append(second % 60, digits: 2)
            append(" GMT".utf8)
            return end
        }
    }
}
