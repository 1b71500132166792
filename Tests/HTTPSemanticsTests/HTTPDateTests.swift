import HTTPSemantics
import Testing

@Suite struct HTTPDateTests {
    /// 6 November 1994, 08:49:37: the example of RFC 9110.
    static let example = HTTPDate(secondsSinceEpoch: 784_111_777)
    static let now = Timestamp(nanoseconds: 1_795_330_000 * 1_000_000_000)

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 1994 08:49:37 gmt", "SUNDAY, 06-NOV-94 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov 06 08:49:37 1994",
    ])
    func `All three formats are parsed in any letter case`(text: String) {
        #expect(HTTPDate(text, now: Self.now) == Self.example)
    }

    @Test(arguments: [
        "", "0", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06  Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, x",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Wed, 29 Feb 2023 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Xun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GM", "Sun, 06 Nev 1994 08:49:37 GMT", "Sun, 0٦ Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sunday Nov  6 08:49:37 1994", "Sun, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z",
    ])
    func `Other texts are not dates`(text: String) {
        #expect(HTTPDate(text, now: Self.now) == nil)
    }

    @Test(arguments: [
        // The year is 2026: 50 years ahead is 2076.
        ("26", 2026), ("76", 2076), ("77", 1977), ("99", 1999), ("00", 2000),
    ])
    func `A year of two digits is within the next 50`(digits: String, year: Int) throws {
        // Or in the past.
        let date = try #require(HTTPDate("Sunday, 06-Nov-\(digits) 00:00:00 GMT", now: Self.now))
        #expect(date.description.contains(" Nov \(year) "))
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (.max, "Fri, 31 Dec 9999 23:59:59 GMT"), (.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func `A date is formatted as an IMF-fixdate`(seconds: Int64, text: String) {
        let date = HTTPDate(secondsSinceEpoch: seconds)
        #expect(date.description == text)
        #expect(HTTPDate(text, now: Self.now) == date)
    }

    @Test func `Every formatted date parses to the same date`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let date = HTTPDate(secondsSinceEpoch: .random(in: -62_167_219_200...253_402_300_799, using: &generator))
            #expect(HTTPDate(date.description, now: Self.now) == date)
        }
    }

    @Test func `The fraction of a second is dropped`() {
        // Before the epoch, too.
        #expect(HTTPDate(Timestamp(nanoseconds: 1_999_999_999)).secondsSinceEpoch == 1)
        #expect(HTTPDate(Timestamp(nanoseconds: -1)).secondsSinceEpoch == -1)
        #expect(HTTPDate(secondsSinceEpoch: 1) < HTTPDate(secondsSinceEpoch: 2))
    }

    @Test func `A leap second starts the next minute`() {
        #expect(
            HTTPDate("Sat, 31 Dec 2016 23:59:60 GMT", now: Self.now)
                == HTTPDate("Sun, 01 Jan 2017 00:00:00 GMT", now: Self.now))
    }
}
