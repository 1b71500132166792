#if Hummingbird
import NIOCore
import Testing

@testable import HTTPPipeline
@testable import HummingbirdPipeline

@Suite struct HeadBytesTests {
    private static func scan(_ text: String) -> HeadBytes.Scan {
        Array(text.utf8).withUnsafeBytes {
            HeadBytes.scan($0, credentials: FieldNames(["authorization", "cookie"]))
        }
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", nil, 0), ("HEAD /x?y HTTP/1.1\r\nHost: a\r\n\r\nrest", nil, 0),
            ("GET http://a/ HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n", nil, 0),
            ("GET / HTTP/1.1\r\nCOOKIE: a=b\r\n\r\n", .credentials, 0),
            ("GET / HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n", .request, 0),
            ("GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", .request, 0),
            ("POST / HTTP/1.1\r\nContent-Length: 12 \r\n\r\n", .request, 12),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", .request, 0),
        ] as [(String, ReuseRefusal?, Int)])
    func `A regular head is measured`(text: String, refusal: ReuseRefusal?, bodyLength: Int) throws {
        guard case .head(let head) = Self.scan(text) else {
            Issue.record("no head in \(text)")
            return
        }
        let end = try #require(text.utf8.firstRange(of: Array("\r\n\r\n".utf8)))
        #expect(head.length == text.utf8.distance(from: text.utf8.startIndex, to: end.upperBound))
        #expect(head.refusal == refusal)
        #expect(head.bodyLength == bodyLength)
        // Every beginning may still become this head.
        for count in 1..<head.length {
            #expect(Self.scan(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == .incomplete)
        }
    }

    @Test(arguments: [
        "\r\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\n\n", "GET /  HTTP/1.1\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\nA\r\n\r\n", "GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n",
        "T lo", "TRACE / HTTP/1.1\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}",
    ])
    func `Anything irregular belongs to the framework`(text: String) {
        #expect(Self.scan(text) == .irregular)
    }

    @Test func `Each byte is examined at each position of a name and a value`() {
        func isRegular(_ text: [UInt8]) -> Bool {
            let bytes = Array("GET / HTTP/1.1\r\n".utf8) + text + Array("\r\n\r\n".utf8)
            let scan = bytes.withUnsafeBytes { HeadBytes.scan($0, credentials: FieldNames([])) }
            if case .head(let head) = scan { return head.length == bytes.count }
            #expect(scan == .irregular)
            return false
        }
        let symbols = Set("!#$%&'*+-.^_`|~".utf8)
        for byte in UInt8.min...UInt8.max {
            let character = Character(UnicodeScalar(byte))
            let isToken = character.isASCII && (character.isLetter || character.isNumber) || symbols.contains(byte)
            for position in 0..<20 {
                var line = Array("A: bcdefghijklmnopqrst".utf8)
                line[position + 2] = byte
                #expect(isRegular(line) == (byte == 0x09 || byte >= 0x20 && byte != 0x7F))
                line = Array("Abcdefghijklmnopqrst: a".utf8)
                line[position] = byte
                #expect(isRegular(line) == (isToken || byte == UInt8(ascii: ":") && position > 0))
            }
        }
    }

    @Test func `The end of a head is found at each position`() {
        for before in 0..<40 {
            for filler in ["a", "\r", "\n", "\r\n\ra"] {
                let bytes = Array((String(repeating: filler, count: before) + "x\r\n\r\nrest\r\n\r\n").utf8)
                let naive = (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual("\r\n\r\n".utf8) }
                #expect(bytes.withUnsafeBytes { HeadBytes.end(in: $0) } == naive)
            }
        }
        #expect(Array("GET / HTTP/1.1\r\n\r".utf8).withUnsafeBytes { HeadBytes.end(in: $0) } == -1)
    }

    @Test func `A head is worth recording when it comes again`() {
        var seen = SeenHeads()
        var noted: [Bool] = []
        for _ in 0..<2 { noted.append(seen.note(1)) }
        seen.skip(1, isTemporary: false)
        noted.append(seen.note(1))
        #expect(noted == [false, true, true])
        seen.skip(1, isTemporary: false)
        noted = (0..<9).map { _ in seen.note(1) }
        #expect(noted == [Bool](repeating: false, count: 8) + [true])
    }
}
#endif
