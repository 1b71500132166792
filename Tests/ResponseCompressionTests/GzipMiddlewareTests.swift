import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import ResponseCompression
import Synchronization
import TestSupport
import Testing

@Suite struct GzipMiddlewareTests {
    static let text = String(repeating: #"{"name": "Roma", "population": 2748109}, "#, count: 100)

    static func handler(
        _ middleware: GzipMiddleware = GzipMiddleware(),
        text: String = text,
        status: HTTPResponse.Status = .ok,
        fields: HTTPFields = [.contentType: "application/json"]
    ) -> Handler {
        Pipeline { middleware }.wrap { _ in .testing(text, status: status, fields: fields) }
    }

    @Test(arguments: [
        ("gzip", true), ("GZIP", true), ("x-gzip", true), ("*", true), ("gzip;q=0.001", true), ("br, gzip;q=0.5", true),
        ("gzip, identity;q=0.5", true), ("gzip;q=0.5, *;q=0", true), ("gzip;q=1.0", true), ("gzip ; q=1", true),
        ("gzip;q=0", false), ("*;q=0, identity", false), ("identity", false), ("", false), ("br", false),
        ("gzip;q=0.5, identity", false), ("gzip;q=0, *", false), ("gzip;q=2", false), ("gzipped", false), (nil, false),
    ])
    func `gzip is used when the client prefers it`(accept: String?, isCompressed: Bool) async throws {
        var fields = HTTPFields()
        fields[.acceptEncoding] = accept
        let reply = try await Self.handler()(.testing(fields: fields))
        #expect(reply.headerFields[.contentEncoding] == (isCompressed ? "gzip" : nil))
        #expect(reply.headerFields[.vary] == "Accept-Encoding")
        #expect(try await (isCompressed ? reply.inflatedText() : reply.text()) == Self.text)
    }

    @Test(arguments: ["identity;q=0", "*;q=0", "identity;q=0, gzip;q=0", "br, identity;q=0.0"])
    func `Without an acceptable coding the response is 406`(accept: String) async throws {
        // The handler does not run.
        let ran = HandlerCounter()
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            ran.increment()
            return .testing("x")
        }
        let reply = try await handler(.testing(.put, fields: [.acceptEncoding: accept]))
        #expect(reply.status == .notAcceptable)
        #expect(reply.headerFields == [.vary: "Accept-Encoding"])
        #expect(ran.count == 0)
    }

    @Test func `Refused identity compresses even small responses`() async throws {
        let handler = Self.handler(text: "x", fields: [.contentType: "image/png"])
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip, identity;q=0"]))
        #expect(reply.headerFields[.contentEncoding] == "gzip")
        #expect(try await reply.inflatedText() == "x")
    }

    @Test(
        arguments: [
            (HTTPResponse.Status.ok, ["Content-Type": "image/png"], nil),
            (.ok, [:], nil),
            (.ok, ["Content-Type": "text/plain", "Content-Encoding": "br"], nil),
            (.ok, ["Content-Type": "text/plain", "Cache-Control": "max-age=1, No-Transform"], nil),
            (.partialContent, ["Content-Type": "text/plain", "Content-Range": "bytes 0-9/100"], nil),
            (.noContent, ["Content-Type": "text/plain"], nil),
        ] as [(HTTPResponse.Status, [String: String], String?)])
    func `Incompressible responses pass unchanged`(
        status: HTTPResponse.Status, fields: [String: String], vary: String?
    ) async throws {
        var own = HTTPFields()
        for (name, value) in fields { own[HTTPField.Name(name)!] = value }
        let handler = Self.handler(text: status == .noContent ? "" : Self.text, status: status, fields: own)
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip"]))
        #expect(reply.headerFields == own)
        #expect(try await reply.text() == (status == .noContent ? "" : Self.text))
    }

    @Test func `Small responses are not compressed but still vary`() async throws {
        let small = try await Self.handler(text: "small")(.testing(fields: [.acceptEncoding: "gzip"]))
        #expect(small.headerFields[.contentEncoding] == nil)
        #expect(small.headerFields[.vary] == "Accept-Encoding")
        #expect(try await small.text() == "small")
    }

    @Test func `HEAD has the fields and the length of GET`() async throws {
        let fields: HTTPFields = [.acceptEncoding: "gzip"]
        let handler = Self.handler(fields: [.contentType: "text/plain", .eTag: "\"a\""])
        let get = try await handler(.testing(fields: fields))
        let head = try await handler(.testing(.head, fields: fields))
        var expected = get.headerFields
        expected[.contentLength] = try #require(get.body.contentLength).description
        #expect(head.headerFields == expected)
        #expect(head.headerFields[.eTag] == "\"a;gzip\"")
        #expect(head.body.contentLength == 0)
    }

    @Test func `HEAD without a body describes the uncompressed response`() async throws {
        let own: HTTPFields = [.contentType: "text/plain", .eTag: "\"a\"", .contentLength: "4100"]
        let head = try await Self.handler(text: "", fields: own)(.testing(.head, fields: [.acceptEncoding: "gzip"]))
        #expect(head.headerFields[.contentLength] == "4100")
        #expect(head.headerFields[.eTag] == "\"a\"")
        #expect(head.headerFields[.contentEncoding] == nil)
    }

    @Test func `A body that compression does not shrink stays uncompressed`() async throws {
        let handler = Self.handler(GzipMiddleware { $0.minimumSize = 10 }, text: "qwertyuiopasdfghjkl")
        #expect(try await handler(.testing(fields: [.acceptEncoding: "gzip"])).headerFields[.contentEncoding] == nil)
    }

    @Test(arguments: [
        ("Accept", "Accept, Accept-Encoding"), ("accept-encoding, Accept", "accept-encoding, Accept"), ("*", "*"),
        ("", "Accept-Encoding"),
    ])
    func `Accept-Encoding is added to Vary once`(vary: String, expected: String) async throws {
        let handler = Self.handler(fields: [.contentType: "text/csv", .vary: vary])
        #expect(try await handler(.testing(fields: [.acceptEncoding: "gzip"])).headerFields[.vary] == expected)
    }

    @Test func `Fields about the uncompressed bytes are removed`() async throws {
        let handler = Self.handler(fields: [
            .contentType: "text/csv", .contentLength: "4100", .acceptRanges: "bytes",
            HTTPField.Name("Content-MD5")!: "x",
            .contentLanguage: "de",
        ])
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip"]))
        #expect(
            reply.headerFields == [
                .contentType: "text/csv", .contentLanguage: "de", .vary: "Accept-Encoding", .contentEncoding: "gzip",
            ])
        #expect(try #require(reply.body.contentLength) < 4100)
    }

    @Test func `A rendered error is unchanged`() async throws {
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            var reply = Reply.testing(Self.text, status: .notFound, fields: [.contentType: "text/plain"])
            reply.thrownError = StoredError()
            return reply
        }
        #expect(
            try await handler(.testing(fields: [.acceptEncoding: "gzip"])).headerFields == [.contentType: "text/plain"])
    }

    @Test func `Each chunk of a stream is readable when written`() async throws {
        let events = (0..<5).map { "data: event number \($0)\n\n" }
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/event-stream"],
                body: ReplyBody { writer in
                    for event in events { try await writer.write(ByteBuffer(string: event)) }
                    try await writer.finish(nil)
                })
        }
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip"]))
        #expect(reply.headerFields[.contentEncoding] == "gzip")
        #expect(reply.body.contentLength == nil)
        let collector = PieceCollector()
        try await reply.body.write(to: collector.writer)
        let pieces = collector.pieces
        #expect(pieces.count == events.count + 1)
        for count in 1...events.count {
            #expect(inflated(Array(pieces.prefix(count))).text == events.prefix(count).joined())
        }
        #expect(inflated(pieces).hasEnded)
    }

    @Test func `A large body of known size is compressed while sent`() async throws {
        let piece = ByteBuffer(string: Self.text)
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/plain"],
                body: ReplyBody(contentLength: piece.readableBytes * 500) { writer in
                    for _ in 0..<500 { try await writer.write(piece) }
                    try await writer.finish(nil)
                })
        }
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip"]))
        #expect(reply.body.contentLength == nil)
        #expect(try await reply.inflatedText() == String(repeating: Self.text, count: 500))
    }

    @Test func `Compression states are reused, also after a failed body`() async throws {
        struct Failure: Error {}
        let fails = HandlerCounter()
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/plain"],
                body: ReplyBody { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    fails.increment()
                    if fails.count == 1 { throw Failure() }
                    try await writer.finish(nil)
                })
        }
        let exchange = Exchange.testing(fields: [.acceptEncoding: "gzip"])
        await #expect(throws: Failure.self) { try await handler(exchange).inflatedText() }
        for _ in 0..<3 { #expect(try await handler(exchange).inflatedText() == "begun") }
    }

    @Test func `Padding changes only the size`() async throws {
        let handler = Self.handler(
            GzipMiddleware { $0.padding = 64 }, fields: [.contentType: "text/plain", .eTag: "\"abc\""])
        var sizes: Set<Int> = []
        for _ in 0..<40 {
            let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip"]))
            sizes.insert(try #require(reply.body.contentLength))
            #expect(try await reply.inflatedText() == Self.text)
            #expect(reply.headerFields[.eTag] == "W/\"abc;gzip\"")
        }
        #expect(sizes.count > 5)
        #expect(try #require(sizes.max()) - (sizes.min() ?? 0) <= 64)
    }

    @Test(arguments: [
        ("text/plain; charset=utf-8", true), ("TEXT/HTML", true), ("application/problem+json", true),
        ("image/svg+xml", true),
        ("application/json;charset=utf-8", true), ("application/jsonp", false), ("image/jpeg", false), ("texts", false),
        ("+json", false),
    ])
    func `Types are matched by their patterns`(type: String, isCompressible: Bool) {
        #expect(CompressibleTypes.standard.contains(type) == isCompressible)
    }

    @Test func `HEAD of a compressed stream describes the uncompressed response`() async throws {
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/plain"],
                body: ReplyBody(contentLength: 2 << 20) { try await $0.finish(nil) })
        }
        let head = try await handler(.testing(.head, fields: [.acceptEncoding: "gzip"]))
        #expect(head.headerFields == [.contentType: "text/plain", .vary: "Accept-Encoding"])
        #expect(head.body.contentLength == 2 << 20)
    }

    @Test func `A late write does not reach another body's compression`() async throws {
        // The writer is used after its body has ended.
        final class Kept: Sendable {
            let writer = Mutex<(any BodyWriter)?>(nil)
        }
        let kept = Kept()
        let handler = Pipeline { GzipMiddleware() }.wrap { _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/plain"],
                body: ReplyBody { writer in
                    kept.writer.withLock { [writer] in $0 = writer }
                    try await writer.write(ByteBuffer(string: "text"))
                    try await writer.finish(nil)
                })
        }
        _ = try await handler(.testing(fields: [.acceptEncoding: "gzip"])).inflatedText()
        var writer = try #require(kept.writer.withLock { $0 })
        await #expect(throws: (any Error).self) { try await writer.write(ByteBuffer(string: "late")) }
    }
}
