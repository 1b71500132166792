#if FlyingFox
import CacheMiddleware
import ETag
import FlyingFox
import FlyingFoxPipeline
import FlyingSocks
import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import ResponseCompression
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct FlyingFoxPipelineTests {
    static func cached() -> Pipeline {
        Pipeline {
            GzipMiddleware()
            ETagMiddleware()
            CacheResponseMiddleware(.minutes(15), in: MemoryStore(byteLimit: 16 << 20))
        }
    }

    static func text(_ text: String, _ headers: HTTPHeaders = [:]) -> FlyingFox.HTTPResponse {
        var headers = headers
        headers[.contentType] = "text/plain"
        return FlyingFox.HTTPResponse(statusCode: .ok, headers: headers, body: Data(text.utf8))
    }

    @Test func `The second request is a hit`() async throws {
        let counter = HandlerCounter()
        let handler = Self.cached().wrap(as: "City") { request, _ in
            Self.text("city \(request.routeParameters["id"] ?? "") run \(counter.increment())")
        }
        try await withServer(routes: [("GET,HEAD /cities/:id", handler)]) { (client) async throws in
            let miss = try await client.send("GET", "/cities/5")
            #expect(miss.status == 200)
            #expect(miss["Cache-Status"] == "ResponseCache; fwd=uri-miss; stored")
            let hit = try await client.send("GET", "/cities/5")
            #expect(hit["Cache-Status"] == "ResponseCache; hit")
            #expect(hit.text == "city 5 run 1")
            #expect(hit["Content-Length"] == "12")
            let head = try await client.send("HEAD", "/cities/5")
            #expect(head["Content-Length"] == "12")
            #expect(head["Cache-Status"] == "ResponseCache; hit")
            #expect(head.text.isEmpty)
            #expect(try await client.send("GET", "/cities/6").text == "city 6 run 2")
            #expect(try await client.send("GET", "/cities/6?x=1").text == "city 6 run 3")
            let tag = try #require(hit["ETag"])
            let current = try await client.send("GET", "/cities/5", ["If-None-Match": tag])
            #expect(current.status == 304)
            #expect(current["ETag"] == tag)
            #expect(current.text.isEmpty)
        }
        #expect(counter.count == 3)
    }

    @Test func `An update with an old tag is rejected`() async throws {
        let stack = Pipeline { ETagMiddleware(tag: { _ in EntityTag("2") }) }
        let handler = stack.wrap { _, _ in Self.text("updated") }
        try await withServer(handler) { (client) async throws in
            #expect(try await client.send("PUT", "/x", ["If-Match": "\"1\""], body: "new").status == 412)
            #expect(try await client.send("PUT", "/x", ["If-Match": "\"2\""], body: "new").text == "updated")
        }
    }

    @Test func `A cached response is compressed once`() async throws {
        let long = String(repeating: "swift ", count: 1000)
        let handler = Self.cached().wrap { _, _ in Self.text(long) }
        try await withServer(handler) { (client) async throws in
            for _ in 0..<2 {
                let packed = try await client.send("GET", "/x", ["Accept-Encoding": "gzip"])
                #expect(packed["Content-Encoding"] == "gzip")
                #expect(packed.body.readableBytes < 200)
                #expect(packed["Content-Length"] == "\(packed.body.readableBytes)")
                #expect(inflated([packed.body]).text == long)
            }
            #expect(try await client.send("GET", "/x").text == long)
        }
    }

    @Test(arguments: [nil, 40] as [Int?])
    func `A FlyingFox stream is stored unchanged`(count: Int?) async throws {
        let counter = HandlerCounter()
        let handler = Self.cached().wrap { _, _ in
            counter.increment()
            let bytes = Pieces(Array(repeating: "0123456789", count: 4))
            let body = count.map { HTTPBodySequence(from: bytes, count: $0) } ?? HTTPBodySequence(from: bytes)
            return FlyingFox.HTTPResponse(statusCode: .ok, body: body)
        }
        try await withServer(handler) { (client) async throws in
            for _ in 0..<2 {
                #expect(try await client.send("GET", "/x").text == String(repeating: "0123456789", count: 4))
            }
        }
        #expect(counter.count == 1)
    }

    @Test(arguments: [nil, 1 << 20] as [Int?])
    func `A middleware stream arrives byte for byte`(count: Int?) async throws {
        let chunk = ByteBuffer(bytes: (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) })
        let streaming = ClosureMiddleware { _, _ in
            Reply(
                status: .ok,
                body: ReplyBody(contentLength: count) { writer in
                    for _ in 0..<16 { try await writer.write(chunk) }
                    try await writer.finish([.from: "dropped"])
                })
        }
        try await withServer(Pipeline { streaming }.wrap { _, _ in Self.text("") }) { (client) async throws in
            for _ in 0..<2 {
                var response = try await client.send("GET", "/x")
                #expect(response["Content-Length"] == count.map { "\($0)" })
                #expect(response.body.readableBytes == 1 << 20)
                while let part = response.body.readSlice(length: 65_536) { #expect(part == chunk) }
            }
        }
    }

    @Test func `A handler can read its body`() async throws {
        // Also one that middleware replaced.
        let upper = ClosureMiddleware { exchange, next in
            var exchange = exchange
            let body = try await exchange.body.collect(upTo: 1 << 20)
            exchange.body = RequestBody(ByteBuffer(string: String(buffer: body).uppercased()))
            exchange.request.headerFields[.from] = "middleware"
            exchange.request.path = "/y?a=b"
            return try await next(exchange)
        }
        let echo: @Sendable (FlyingFox.HTTPRequest, Exchange) async throws -> FlyingFox.HTTPResponse = { request, _ in
            let body = String(decoding: try await request.bodyData, as: UTF8.self)
            let fields = [request.headers[HTTPHeader("From")], request.headers[.host], request.target.rawValue]
            return Self.text(([body] + fields.map { $0 ?? "none" }).joined(separator: " "))
        }
        let body = String(repeating: "text", count: 10_000)
        try await withServer(Self.cached().wrap(echo)) { (client) async throws in
            let response = try await client.send("POST", "/x", body: body)
            #expect(response.text == "\(body) none \(client.host) /x")
        }
        try await withServer(Pipeline { upper }.wrap(echo)) { (client) async throws in
            let response = try await client.send("POST", "/x", body: body)
            #expect(response.text == "\(body.uppercased()) middleware \(client.host) /y?a=b")
        }
    }

    @Test func `Each target has its own response`() async throws {
        let stack = Pipeline { CacheResponseMiddleware(.minutes(15), in: MemoryStore(byteLimit: 16 << 20)) }
        let handler = stack.wrap { request, _ in
            HTTPResponse(statusCode: .ok, body: Data(request.target.rawValue.utf8))
        }
        try await withServer(handler) { (client) async throws in
            for target in ["/.a/x%2Fy", "/.a/x/y", "/.a/x%3Fy", "/.well-known/a%20b", "/b"] {
                let response = try await client.send("GET", target)
                #expect(response.text == target)
                #expect(response["Cache-Status"] == "ResponseCache; fwd=uri-miss; stored")
            }
            let resolved = try await client.send("GET", "/.a/../b")
            #expect(resolved["Cache-Status"] == "ResponseCache; hit", "the server resolves dot segments")
        }
    }

    @Test func `A 404 is not replaced by a stale response`() async throws {
        let runs = HandlerCounter()
        let stack = Pipeline {
            CacheResponseMiddleware(.after(.nanoseconds(1)), in: MemoryStore(byteLimit: 16 << 20)) {
                $0.stale = StalePolicy(ifError: .seconds(60))
            }
        }
        let handler = stack.wrap { _, _ in
            guard runs.increment() == 1 else { throw HTTPUnhandledError() }
            return HTTPResponse(statusCode: .ok)
        }
        try await withServer(handler) { (client) async throws in
            #expect(try await client.send("GET", "/x").status == 200)
            #expect(try await client.send("GET", "/x").status == 404)
        }
    }

    @Test func `FlyingFox renders the errors of handlers`() async throws {
        let failing = Self.cached().wrap { _, _ in throw FailingStore.Failure() }
        let other = Self.cached().wrap { _, _ in throw HTTPUnhandledError() }
        let last = Self.cached().wrap { _, _ in Self.text("last") }
        let routes: [(HTTPRoute, PipelineHandler)] = [("/failing", failing), ("/other", other), ("/*", last)]
        try await withServer(routes: routes) { (client) async throws in
            for _ in 0..<2 {
                #expect(try await client.send("GET", "/failing").status == 500)
                #expect(try await client.send("GET", "/other").text == "last")
            }
        }
    }

    @Test func `A stale response is refreshed in the background`() async throws {
        let time = ManualTimeSource()
        let counter = HandlerCounter()
        var settings = CacheSettings.standard
        settings.stale = StalePolicy(whileRevalidating: .seconds(3600))
        let stack = Pipeline {
            CacheResponseMiddleware(
                .minutes(15), in: MemoryStore(byteLimit: 1 << 20, timeSource: time), runtime: .testing(time)
            ) { $0 = settings }
        }
        let handler = stack.wrap { request, _ in
            Self.text("\(request.routeParameters["id"] ?? "none") run \(counter.increment())")
        }
        try await withServer(routes: [("/cities/:id", handler)]) { (client) async throws in
            #expect(try await client.send("GET", "/cities/5").text == "5 run 1")
            time.advance(by: .seconds(1000))
            #expect(try await client.send("GET", "/cities/5").text == "5 run 1")
            try await eventually { try await client.send("GET", "/cities/5").text == "5 run 2" }
        }
        #expect(counter.count == 2)
    }

    @Test func `The exchange contains data of the server and the application`() async throws {
        let seen = Mutex<[Exchange]>([])
        let watching = ClosureMiddleware { exchange, next in
            seen.withLock { $0.append(exchange) }
            return try await next(exchange)
        }
        let handler = Pipeline { watching }.wrap(
            as: "City",
            preparing: { request, exchange in exchange.userID = request.headers[.authorization] }
        ) { _, exchange in Self.text(exchange.userID ?? "anonymous", [.setCookie: "a=1"]) }
        let port = Mutex("")
        try await withServer(routes: [("/cities/:id", handler)]) { (client) async throws in
            port.withLock { $0 = client.host }
            let response = try await client.send("GET", "/cities/a%20b/../5?q=1", ["Authorization": "me"])
            #expect(response.text == "me")
            #expect(response["Set-Cookie"] == "a=1")
        }
        let exchange = try #require(seen.withLock { $0.first })
        #expect(exchange.route == Route(view: "City", method: "get"))
        #expect(exchange.request.path == "/cities/5?q=1")
        #expect(exchange.request.authority == port.withLock { $0 })
        #expect(exchange.request.headerFields[.authorization] == "me")
        #expect(exchange.pathParameters["id"] == .string("5"))
        #expect(exchange.remoteAddress?.ipAddress == "127.0.0.1")
    }
}

/// A middleware that calls a closure.
private struct ClosureMiddleware: Middleware {
    let body: @Sendable (Exchange, Next) async throws -> Reply

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply { try await body(exchange, next) }
}

/// Texts as a stream of bytes.
private struct Pieces: AsyncBufferedSequence {
    typealias Element = UInt8

    struct AsyncIterator: AsyncBufferedIteratorProtocol {
        var pieces: ArraySlice<String>

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            pieces.popFirst().map { Array($0.utf8) }
        }
        mutating func next() async throws -> UInt8? { nil }
    }

    private let pieces: [String]

    init(_ pieces: [String]) {
        self.pieces = pieces
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: pieces[...]) }
}
#endif
