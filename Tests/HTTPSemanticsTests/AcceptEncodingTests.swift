import HTTPSemantics
import Testing

@Suite struct AcceptEncodingTests {
    @Test(
        arguments: [
            ("gzip", .gzip), (" gzip , br", .gzip), ("gzip;q=0.5", .gzip), ("gzip;Q=0.5", .gzip), ("*", .gzip),
            ("gzip;q=0", .identity), ("gzip;q=0.000", .identity), ("gzip;q=0, *", .identity), ("br", .identity),
            ("identity;q=0, gzip", .gzip), ("identity;q=0", nil), ("*;q=0", nil), ("*;q=0, identity", .identity),
            ("gzip;q=1.001", .identity), ("gzip;q=1.000", .gzip), ("gzip;q=0.0001", .identity), ("gzip;q=", .identity),
            ("gzip;x=1", .identity), ("gzip;q=.5", .identity), (",,,gzip,,", .gzip), ("gzip;q=0, gzip", .identity),
            (";", .identity),
            ("gzip;q=0.8, identity;q=0.9", .identity), ("gzip;q=0.9, identity;q=0.9", .gzip),
            ("*;q=0.1, identity;q=0", .gzip),
        ] as [(String, AcceptEncoding.Coding?)])
    func `The client's preferences determine the coding`(field: String, coding: AcceptEncoding.Coding?) {
        #expect(AcceptEncoding(field).preferred == coding)
    }

    @Test func `Without the field no coding is used or refused`() {
        #expect(AcceptEncoding(nil as String?).preferred == .identity)
        #expect(AcceptEncoding(nil as String?).accepts(.identity))
        #expect(AcceptEncoding(nil as String?).accepts(.gzip))
        #expect(!AcceptEncoding("gzip, *;q=0").accepts(.identity))
        #expect(AcceptEncoding("gzip").accepts(.identity))
    }
}
