/// Parses the three date formats of RFC 9110 section 5.6.7.
struct HTTPDateParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let thisYear: () -> Int
    private var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>, thisYear: @escaping () -> Int) {
        self.bytes = bytes
        self.thisYear = thisYear
    }

    mutating func date() -> HTTPDate? {
        let name = letters()
        guard let isFullName = Self.isWeekday(name) else { return nil }
        let date =
            if !isFullName, take(" ") {
                asctime()
            } else if take(","), take(" ") {
                isFullName ? rfc850() : fixdate()
            } else {
                HTTPDate?.none
            }
        return position == bytes.count ? date : nil
    }

    /// `06 Nov 1994 08:49:37 GMT`
    private mutating func fixdate() -> HTTPDate? {
        guard let day = number(digits: 2), take(" "), let month = month(), take(" "),
            let year = number(digits: 4), take(" "), let time = time(), zone()
        else { return nil }
        return HTTPDate(year: year, month: month, day: day, time: time)
    }

    /// `06-Nov-94 08:49:37 GMT`
    private mutating func rfc850() -> HTTPDate? {
        guard let day = number(digits: 2), take("-"), let month = month(), take("-"),
            let short = number(digits: 2), take(" "), let time = time(), zone()
        else { return nil }
        let thisYear = thisYear()
        var year = thisYear - thisYear % 100 + short
        // The year is the latest one that is at most 50 years in the future.
        if year > thisYear + 50 { year -= 100 } else if year <= thisYear - 50 { year += 100 }
        return HTTPDate(year: year, month: month, day: day, time: time)
    }

    /// `Nov  6 08:49:37 1994`
    private mutating func asctime() -> HTTPDate? {
        guard let month = month(), take(" "), let day = take(" ") ? number(digits: 1) : number(digits: 2), take(" "),
            let time = time(), take(" "), let year = number(digits: 4)
        else { return nil }
        return HTTPDate(year: year, month: month, day: day, time: time)
    }

    private mutating func time() -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    private mutating func zone() -> Bool {
        guard take(" ") else { return false }
        return Self.isEqual(letters(), "GMT")
    }

    private mutating func month() -> Int? {
        let name = letters()
        return HTTPDate.months.firstIndex { Self.isEqual(name, $0) }.map { $0 + 1 }
    }

    private mutating func number(digits: Int) -> Int? {
        guard bytes.count - position >= digits else { return nil }
        var value = 0
        for _ in 0..<digits {
            let byte = bytes[position]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
        }
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func letters() -> Slice<UnsafeBufferPointer<UInt8>> {
        let start = position
        while position < bytes.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[position] | 0x20) {
            position += 1
        }
        return bytes[start..<position]
    }

    /// Whether the name of a day is written in full; nil when it is not a day.
    private static func isWeekday(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool? {
        for weekday in HTTPDate.weekdays {
            if isEqual(name, weekday) { return true }
            if isEqual(name, weekday.prefix(3)) { return false }
        }
        return nil
    }

    /// Whether letters equal a name, ignoring case.
    private static func isEqual(_ letters: Slice<UnsafeBufferPointer<UInt8>>, _ name: some StringProtocol) -> Bool {
        letters.count == name.utf8.count && zip(letters, name.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}
