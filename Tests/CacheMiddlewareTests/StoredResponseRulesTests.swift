import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// Requirements of HTTP for one request or response.
@Suite(.timeLimit(.minutes(1))) struct StoredResponseRulesTests {
    static let tagged: HTTPFields = [
        .eTag: "\"a\"", .lastModified: "Sun, 06 Nov 1994 08:49:37 GMT", .contentType: "text/plain",
        .cacheControl: "max-age=60", .vary: "Accept-Language",
    ]

    @Test(
        "A hit evaluates the conditions of a read (RFC 9111 section 4.3.2)",
        arguments: [
            ([.ifNoneMatch: "\"a\""], 304), ([.ifNoneMatch: "W/\"a\""], 304), ([.ifNoneMatch: "\"x\", \"a\""], 304),
            ([.ifNoneMatch: "*"], 304), ([.ifNoneMatch: "\"b\""], 200),
            ([.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], 304),
            ([.ifModifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"], 200), ([.ifModifiedSince: "soon"], 200),
            ([.ifNoneMatch: "\"b\"", .ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], 200),
            ([.ifMatch: "\"b\""], 200), ([.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"], 200),
        ] as [(HTTPFields, Int)], [HTTPRequest.Method.get, .head])
    func conditions(request: (fields: HTTPFields, status: Int), method: HTTPRequest.Method) async throws {
        let harness = EngineHarness(key: ["target": .target, "language": .headers(["accept-language"])]) { _, _ in
            .testing("body", fields: Self.tagged)
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(7))
        let reply = try await harness(.testing(method, fields: request.fields))
        #expect(reply.status.code == request.status)
        #expect(reply.headerFields[.age] == "7")
        #expect(CacheResponseMiddlewareTests.status(reply) == "ResponseCache; hit")
        guard request.status == 304 else { return }
        #expect(try await reply.text().isEmpty)
        for name in [HTTPField.Name.eTag, .cacheControl, .vary] {
            #expect(reply.headerFields[name] == Self.tagged[name], "RFC 9110 section 15.4.5")
        }
        #expect(reply.headerFields[.contentType] == nil)
        #expect(harness.counter.count == 1)
    }

    @Test func `Errors and responses without validators ignore conditions`() async throws {
        for (status, fields) in [(404, Self.tagged), (200, [:])] as [(Int, HTTPFields)] {
            let harness = EngineHarness(
                key: ["target": .target, "language": .headers(["accept-language"])],
                settings: .with { $0.cachesErrors = true }
            ) { _, _ in .testing("body", status: .init(code: status), fields: fields) }
            _ = try await harness()
            let reply = try await harness(.testing(fields: [.ifNoneMatch: "\"a\""]))
            #expect(reply.status.code == status)
            #expect(try await reply.text() == "body")
        }
    }

    @Test("A status for a single request is never stored", arguments: [206, 304, 425, 428, 429, 431, 511])
    func neverStored(status: Int) async throws {
        let settings = CacheSettings.with {
            $0.cachesErrors = true
            $0.statusLifetimes = [status: .minutes(1)]
        }
        let harness = EngineHarness(settings: settings) { _, _ in Reply(status: .init(code: status)) }
        for _ in 0..<2 { _ = try await harness() }
        #expect(harness.counter.count == 2)
    }

    @Test func `A no-store request may hit but is not stored`() async throws {
        // Its response is not.
        let fields: HTTPFields = [.cacheControl: "no-store"]
        let harness = EngineHarness(settings: .with { $0.explainsStatus = true })
        let refused = try await harness.status(.testing(fields: fields))
        #expect(refused?.contains("detail=request-no-store") == true)
        #expect(try await harness.text() == "run 2")
        #expect(try await harness.text(.testing(fields: fields)) == "run 2")
    }

    @Test func `A no-store request starts no refresh`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(60) })
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        #expect(try await harness.text(.testing(fields: [.cacheControl: "max-age=0, no-store"])) == "run 2")
        #expect(harness.background.count == 0)
        #expect(try await harness.text() == "run 1", "what is stored stays")
    }

    @Test(
        "A response with Expires alone has the same lifetime as a hit, whatever its age",
        arguments: [
            ([.expires: "Sun, 09 Sep 2001 01:56:40 GMT"], "max-age=600"),
            ([.expires: "Sun, 09 Sep 2001 01:56:40 GMT", .cacheControl: "public"], "public, max-age=600"),
            ([.expires: "Sun, 09 Sep 2001 01:56:40 GMT", .cacheControl: "max-age=5"], "max-age=5"),
            ([.expires: "Sun, 09 Sep 2001 01:56:40 GMT", .date: "Sun, 09 Sep 2001 01:46:10 GMT"], "max-age=630"),
            ([.expires: "0"], nil), ([.expires: "Sun, 09 Sep 2001 01:46:40 GMT"], nil),
        ] as [(HTTPFields, String?)])
    func expires(fields: HTTPFields, expected: String?) async throws {
        let harness = EngineHarness { _, _ in .testing("body", fields: fields) }
        _ = try await harness()
        harness.time.advance(by: .seconds(30))
        let hit = try await harness()
        #expect(hit.headerFields[.cacheControl] == expected ?? fields[.cacheControl])
        #expect(hit.headerFields[.expires] == fields[.expires])
        #expect(hit.headerFields[.age] == "30")
    }

    @Test func `A hit has no Accept-Ranges`() async throws {
        let harness = EngineHarness { _, _ in .testing("body", fields: [.acceptRanges: "bytes"]) }
        _ = try await harness()
        let hit = try await harness(.testing(fields: [.range: "bytes=0-1"]))
        #expect(hit.status == .ok)
        #expect(hit.headerFields[.acceptRanges] == nil)
    }

    @Test(
        "A request with a credential field that the key does not separate bypasses the cache",
        arguments: ["Authorization", "Cookie", "Proxy-Authorization", "X-API-Key", "x-api-key", "X-Tenant-Token"])
    func credentials(name: String) async throws {
        var settings = CacheSettings.standard
        settings.credentialFields.insert(HTTPField.Name("X-Tenant-Token")!)
        let harness = EngineHarness(key: ["target": .target], settings: settings) { _, exchange in
            .testing("for \(exchange.request.headerFields[HTTPField.Name(name)!] ?? "-")")
        }
        for client in ["ann", "bob"] {
            let exchange = Exchange.testing(fields: [HTTPField.Name(name)!: client])
            #expect(try await harness.text(exchange) == "for \(client)")
            #expect(try await harness.status(exchange) == "ResponseCache; fwd=bypass")
        }
    }

    @Test func `A credential field in the key separates stored responses`() async throws {
        let harness = EngineHarness(key: ["target": .target, "key": .headers(["x-api-key"])]) { _, exchange in
            .testing("for \(exchange.request.headerFields[HTTPField.Name("X-API-Key")!] ?? "-")")
        }
        for client in ["ann", "bob", "ann"] {
            #expect(try await harness.text(.testing(fields: [HTTPField.Name("X-API-Key")!: client])) == "for \(client)")
        }
        #expect(harness.counter.count == 2)
    }

    @Test(arguments: [true, false])
    func `A response after reading an unannounced body is not stored`(isRead: Bool) async throws {
        let harness = EngineHarness(settings: .with { $0.explainsStatus = true }) { _, exchange in
            isRead ? .testing("got " + String(buffer: try await exchange.body.collect(upTo: 100))) : .testing("got")
        }
        func request(_ text: String) -> Exchange {
            var exchange = Exchange.testing()
            let stream = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                continuation.yield(ByteBuffer())
                if !text.isEmpty { continuation.yield(ByteBuffer(string: text)) }
                continuation.finish()
            }
            exchange.body = RequestBody(.stream(stream))
            return exchange
        }
        let first = try await harness(request("<script>"))
        #expect(try await first.text() == (isRead ? "got <script>" : "got"))
        if isRead { #expect(CacheResponseMiddlewareTests.status(first)?.contains("detail=body") == true) }
        #expect(try await harness.text(request("")) == (isRead ? "got " : "got"))
        #expect(harness.counter.count == (isRead ? 2 : 1))
        #expect(try await harness.text(request("")) == (isRead ? "got " : "got"))
        #expect(harness.counter.count == (isRead ? 2 : 1), "a request without a body is stored")
    }
}
