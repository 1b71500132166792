#if Hummingbird
import PipelineTesting
import Synchronization
import Testing

@testable import HummingbirdPipeline

/// Compares the bytes of servers with and without hits in the channel.
@Suite(.timeLimit(.minutes(5)))
struct DifferentialTests {
    /// A generator with a seed (SplitMix64).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    private static let fields = [
        "Accept-Encoding: gzip", "Accept-Encoding: identity", "accept-encoding:gzip;q=0", "Accept: */*", "X-A: 1",
        "x-a:  1 ",
        "X-A: 2", "Cookie: a=b", "Authorization: Bearer x", "Range: bytes=0-3", "If-Range: \"x\"", "If-None-Match: *",
        "If-None-Match: \"x\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT", "Cache-Control: no-cache", "Content-Length: 0",
        "Connection: keep-alive", "Connection: Keep-Alive", "Accept-Language: de", "Host: other", "X-Folded: a\r\n b",
        "X-Latin: \u{e9}", "Expect: something", "X-Empty:", "X-Long: " + String(repeating: "x", count: 3000),
    ]
    private static let targets = [
        "/small", "/large", "/small?a=1", "/small?a=%31", "//small", "/stamped", "/other", "/missing",
        "http://localhost/small",
        "http://other/small", "/SMALL", "*",
    ]

    /// Returns a request; few distinct ones, so that most come again.
    private static func request(using generator: inout Generator) -> String {
        if Int.random(in: 0..<40, using: &generator) == 0 {
            return "POST /touch HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        }
        if Int.random(in: 0..<20, using: &generator) == 0 {
            return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        let method = ["GET", "GET", "GET", "HEAD"].randomElement(using: &generator)!
        let target = targets[
            Int.random(in: 0..<targets.count, using: &generator) * Int.random(in: 0...1, using: &generator)]
        var request = "\(method) \(target) HTTP/1.1\r\n"
        if Int.random(in: 0..<20, using: &generator) > 0 { request += "Host: localhost\r\n" }
        for _ in 0..<[0, 0, 1, 1, 2].randomElement(using: &generator)! {
            request += fields.randomElement(using: &generator)! + "\r\n"
        }
        return request + "\r\n"
    }

    /// Requests that a parser may read differently from another one, each sent several times on a connection of its own.
    private static let hostile = [
        "GET /small HTTP/1.0\r\n\r\n", "GET /small HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\nHost: a\n\n", "\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost : a\r\n\r\n", "GET  /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\n Host: a\r\n\r\n", "GET /small HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "GET /small HTTP/1.1\r\nHost: a\r\nX: \u{1}\r\n\r\n", "BREW /small HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a", "GET /small", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 64 << 10))\r\n\r\n",
        "GET /small HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n",
    ]

    /// Returns the streams of responses to streams of requests, each on a connection of its own.
    private static func responses(to streams: [[String]], answering: Bool, clock advance: Bool) async throws -> (
        [String], Int
    ) {
        let server = HitServer()
        let received = Received()
        try await server.run(answering: answering) { port in
            for stream in streams {
                let connection = try await RawConnection(port: port)
                for piece in stream { try await connection.send(piece) }
                received.add(RawConnection.withoutDate(try await connection.finish()))
                if advance { server.clock.advance(by: .milliseconds(700)) }
            }
        }
        return (received.all, server.answered.value)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `Generated requests have the same responses`(seed: UInt64) async throws {
        var generator = Generator(state: seed)
        let streams = (0..<250).map { _ in
            // Pipelined requests, in one read or several.
            let text = (0..<Int.random(in: 1...5, using: &generator)).map { _ in Self.request(using: &generator) }
                .joined()
            guard Int.random(in: 0..<4, using: &generator) == 0 else { return [text] }
            let cut = text.index(text.startIndex, offsetBy: Int.random(in: 1..<text.count, using: &generator))
            return [String(text[..<cut]), String(text[cut...])]
        }
        let (expected, none) = try await Self.responses(to: streams, answering: false, clock: true)
        let (found, answered) = try await Self.responses(to: streams, answering: true, clock: true)
        #expect(none == 0)
        #expect(answered > 20)
        for (index, pair) in zip(expected, found).enumerated() where pair.0 != pair.1 {
            Issue.record("seed \(seed), stream \(index): \(streams[index])\n\(pair.0)\n---\n\(pair.1)")
        }
    }

    @Test func `Hostile requests have the same responses`() async throws {
        let warm = [String](repeating: "GET /small HTTP/1.1\r\nHost: a\r\n\r\n", count: 4).map { [$0] }
        let streams =
            warm + Self.hostile.flatMap { [[$0], [$0], [$0], [$0 + "GET /small HTTP/1.1\r\nHost: a\r\n\r\n"]] }
        let (expected, _) = try await Self.responses(to: streams, answering: false, clock: false)
        let (found, answered) = try await Self.responses(to: streams, answering: true, clock: false)
        #expect(answered >= 2)
        for (index, pair) in zip(expected, found).enumerated() where pair.0 != pair.1 {
            Issue.record("stream \(index): \(streams[index])\n\(pair.0)\n---\n\(pair.1)")
        }
    }

    @Test func `A request that is split at any byte has the same response`() async throws {
        let request = "GET /small HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"
        let server = HitServer()
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            var expected = ""
            for _ in 0..<3 { expected = RawConnection.withoutDate(try await connection.response(to: request)) }
            for count in 1..<request.utf8.count {
                try await connection.send(String(decoding: request.utf8.prefix(count), as: UTF8.self))
                let rest = String(decoding: request.utf8.dropFirst(count), as: UTF8.self)
                #expect(RawConnection.withoutDate(try await connection.response(to: rest)) == expected)
            }
            #expect(server.handled.value == 1)
            try await connection.close()
        }
    }

    @Test func `A thousand pipelined requests are answered in order`() async throws {
        let server = HitServer()
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            let targets = ["/small", "/large", "/other", "/small?x"]
            func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
            var bodies: [String: String] = [:]
            for target in targets {
                for _ in 0..<4 {
                    bodies[target] = RawConnection.withoutDate(try await connection.response(to: get(target)))
                }
            }
            let before = server.answered.value
            let order = (0..<1000).map { targets[$0 * 7 % 5 % 4] }
            try await connection.send(order.map(get).joined())
            let received = RawConnection.withoutDate(try await connection.finish())
            #expect(received == order.map { bodies[$0]! }.joined())
            #expect(server.answered.value > before)
        }
    }
}

/// Responses in the order in which they were received.
private final class Received: Sendable {
    private let list = Mutex<[String]>([])

    var all: [String] { list.withLock { $0 } }

    func add(_ text: String) { list.withLock { $0.append(text) } }
}
#endif
