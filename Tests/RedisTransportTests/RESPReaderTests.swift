import NIOCore
import Testing

@testable import RedisTransport

@Suite struct RESPReaderTests {
    /// Parses a text that arrives in pieces.
    static func replies(_ pieces: [String]) throws -> [RESPValue] {
        var reader = RESPReader()
        var replies: [RESPValue] = []
        for piece in pieces {
            try reader.feed(ByteBuffer(string: piece))
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    static let everything =
        "+OK\r\n-ERR no\r\n:-12\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*2\r\n+a\r\n$-1\r\n"
    static let values: [RESPValue] = [
        .status("OK"), .error("ERR no"), .integer(-12), .bytes(ByteBuffer(string: "a\r\n")), .bytes(ByteBuffer()),
        .null, .null,
        .array([]), .array([.integer(1), .array([.status("a"), .null])]),
    ]

    @Test func `Every type of reply is parsed`() throws {
        #expect(try Self.replies([Self.everything]) == Self.values)
    }

    @Test func `Replies may be split at any byte`() throws {
        let bytes = Array(Self.everything.utf8)
        for size in 1...bytes.count {
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self)
            }
            #expect(try Self.replies(pieces) == Self.values)
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "$x\r\n", ":1x\r\n", "*x\r\n", "*1048577\r\n", "\r\n", "$-2\r\n"])
    func `A protocol violation fails all further calls`(text: String) throws {
        var reader = RESPReader()
        try reader.feed(ByteBuffer(string: "+OK\r\n" + text))
        #expect(try reader.next() == .status("OK"))
        #expect(throws: RESPError.self) { try reader.next() }
        #expect(throws: RESPError.self) { try reader.next() }
    }

    @Test func `The nesting depth of arrays is limited`() throws {
        var reader = RESPReader()
        try reader.feed(ByteBuffer(string: String(repeating: "*1\r\n", count: 100)))
        #expect(throws: RESPError.self) { try reader.next() }
    }

    @Test(arguments: ["*1048000\r\n*1000\r\n", "*2\r\n*600000\r\n*-1\r\n" + "*600000\r\n", "*1\r\n*1048576\r\n"])
    func `The total number of elements of a reply is limited`(text: String) throws {
        var reader = RESPReader()
        try reader.feed(ByteBuffer(string: text))
        #expect(throws: RESPError.self) { try reader.next() }
    }

    @Test func `The limit of elements applies to each reply`() throws {
        let reply = "*2\r\n*1000000\r\n" + String(repeating: "*0\r\n", count: 1_000_000) + "*0\r\n"
        #expect(try Self.replies([reply, reply]).count == 2)
    }

    @Test func `The size of an array includes its parsed elements`() throws {
        var reader = RESPReader(maximumSize: 1 << 20)
        try reader.feed(ByteBuffer(string: "*1000000\r\n"))
        let elements = ByteBuffer(string: String(repeating: "$8\r\n12345678\r\n", count: 4096))
        #expect(throws: RESPError.self) {
            for _ in 0..<20 {
                try reader.feed(elements)
                #expect(try reader.next() == nil)
            }
        }
    }

    @Test(arguments: ["+", "-", ":", "$", "*", "*1\r\n+", "*2\r\n$3\r\nabc\r\n-"])
    func `The length of a line is limited`(start: String) throws {
        var reader = RESPReader()
        try reader.feed(ByteBuffer(string: start))
        #expect(try reader.next() == nil)
        #expect(throws: RESPError.self) {
            for _ in 0...RESPReader.maximumLineLength / 4096 {
                try reader.feed(ByteBuffer(repeating: UInt8(ascii: "1"), count: 4096))
                #expect(try reader.next() == nil)
            }
        }
    }

    @Test func `Long lines and bulk strings are accepted`() throws {
        let text = String(repeating: "a", count: RESPReader.maximumLineLength - 2)
        let long = String(repeating: "a", count: 3 * RESPReader.maximumLineLength)
        #expect(
            try Self.replies(["-" + text, "\r\n$\(long.utf8.count)\r\n", long, "\r\n"])
                == [.error(text), .bytes(ByteBuffer(string: long))])
    }

    @Test func `The size of a reply is limited`() throws {
        var reader = RESPReader(maximumSize: 2 << 20)
        try reader.feed(ByteBuffer(string: "$1048576\r\n"))
        let piece = ByteBuffer(repeating: 1, count: 65_536)
        for _ in 0..<16 { try reader.feed(piece) }
        #expect(try reader.next() == nil)
        try reader.feed(ByteBuffer(string: "\r\n$9000000\r\n"))
        #expect(try reader.next() == .bytes(ByteBuffer(repeating: 1, count: 1 << 20)))
        #expect(try reader.next() == nil)
        #expect(throws: RESPError.self) { for _ in 0..<40 { try reader.feed(piece) } }
    }

    @Test func `A reader may be released with an incomplete reply`() throws {
        var reader = RESPReader()
        try reader.feed(ByteBuffer(string: "*3\r\n$1\r\na\r\n*2\r\n:1\r\n"))
        #expect(try reader.next() == nil)
    }
}
