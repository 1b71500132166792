import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct PurgeTests {
    static func city(_ id: Int, _ method: HTTPRequest.Method = .get, query: String = "") -> Exchange {
        var exchange = Exchange.testing(method, "/cities/\(id)\(query)")
        exchange.pathParameters = PathParameters(named: [.init("id", .string("\(id)"))])
        return exchange
    }

    @Test(arguments: [
        (PurgeSelection.tag("city:1"), [1]), (.tag("cities"), [1, 2, 3]), (.tag("none"), []),
        (.url("/cities/2"), [2]), (.url("//cities/%32/"), [2]), (.url("/cities/2?page=1"), [2]),
        (.url("/cities/2?"), [2]), (.url("http://example.test/cities/2?page=1"), [2]), (.url(""), []),
        (.prefix(""), []),
        (.prefix("?"), []),
        (.prefix("/cities"), [1, 2, 3]), (.prefix("/cit"), []), (.prefix("/"), [1, 2, 3]), (.prefix("/cities/3"), [3]),
        (.everything, [1, 2, 3]),
    ])
    func `A purge selects by tag, URL and path`(selection: PurgeSelection, purged: [Int]) async throws {
        for mode in [PurgeMode.hard, .soft] {
            let harness = EngineHarness(tags: ["cities", "city:{id}", "absent:{name}"])
            for id in 1...3 { _ = try await harness(Self.city(id)) }
            _ = try await harness.store.purge(selection, mode: mode)
            for id in 1...3 {
                let isPurged = try await harness.status(Self.city(id)) != "ResponseCache; hit"
                #expect(isPurged == purged.contains(id), "\(selection) \(mode) \(id)")
            }
        }
    }

    @Test func `All variants of a URL are purged together`() async throws {
        let harness = EngineHarness(key: .safeDefault)
        for user in ["1", "2"] {
            for format in ["json", "csv"] {
                var exchange = Self.city(5)
                (exchange.userID, exchange.format) = (user, format)
                _ = try await harness(exchange)
            }
        }
        #expect(try await harness.store.purge(.url("/cities/5"), mode: .hard) == 4)
    }

    @Test(arguments: [HTTPRequest.Method.put, .patch, .delete, .post, HTTPRequest.Method("PURIFY")!])
    func `A successful unsafe request purges its URL and tags`(method: HTTPRequest.Method) async throws {
        let harness = EngineHarness(tags: ["city:{id}"], purgesTags: ["city:{id}"])
        _ = try await harness(Self.city(1))
        _ = try await harness(Self.city(1, query: "?lang=de"))
        _ = try await harness(Self.city(2))
        #expect(try await harness.status(Self.city(1, method)) == "ResponseCache; fwd=method")
        #expect(try await harness.status(Self.city(1)) == "ResponseCache; fwd=uri-miss; stored")
        #expect(try await harness.status(Self.city(1, query: "?lang=de")) == "ResponseCache; fwd=uri-miss; stored")
        #expect(try await harness.status(Self.city(2)) == "ResponseCache; hit")
    }

    @Test(arguments: [(204, true), (303, true), (400, false), (412, false), (500, false)])
    func `Only successful requests purge`(status: Int, purges: Bool) async throws {
        let harness = EngineHarness { run, exchange in
            exchange.request.method == .get ? .testing("a") : Reply(status: .init(code: status))
        }
        _ = try await harness()
        _ = try await harness(.testing(.put))
        #expect(try await harness.status() == (purges ? "ResponseCache; fwd=uri-miss; stored" : "ResponseCache; hit"))
    }

    @Test(arguments: [HTTPRequest.Method.options, .trace])
    func `Safe methods purge nothing`(method: HTTPRequest.Method) async throws {
        let harness = EngineHarness()
        _ = try await harness()
        _ = try await harness(.testing(method))
        #expect(try await harness.status() == "ResponseCache; hit")
    }

    @Test func `A write that throws purges nothing`() async throws {
        struct Failure: Error {}
        let harness = EngineHarness { _, exchange in
            guard exchange.request.method == .get else { throw Failure() }
            return .testing("a")
        }
        _ = try await harness()
        await #expect(throws: Failure.self) { try await harness(.testing(.put)) }
        #expect(try await harness.status() == "ResponseCache; hit")
    }

    @Test func `A response generated before a purge is not stored`() async throws {
        let gate = Gate()
        let harness = EngineHarness(tags: ["cities"]) { run, _ in
            if run == 1 { try await gate.pass() }
            return .testing("run \(run)")
        }
        let handler = harness.handler
        let old = Task { try await handler(.testing()) }
        await gate.waitForArrivals(1)
        _ = try await harness.store.purge(.tag("cities"), mode: .hard)
        gate.open()
        #expect(CacheResponseMiddlewareTests.status(try await old.value) == "ResponseCache; fwd=uri-miss")
        #expect(try await harness.text() == "run 2")
    }

    @Test func `An unrelated purge does not prevent storing`() async throws {
        let gate = Gate()
        let harness = EngineHarness(tags: ["cities"]) { run, _ in
            try await gate.pass()
            return .testing("run \(run)")
        }
        let handler = harness.handler
        let old = Task { try await handler(.testing()) }
        await gate.waitForArrivals(1)
        _ = try await harness.store.purge(.tag("countries"), mode: .hard)
        gate.open()
        #expect(CacheResponseMiddlewareTests.status(try await old.value) == "ResponseCache; fwd=uri-miss; stored")
    }

    @Test func `A stream that began before a purge is not stored`() async throws {
        let harness = EngineHarness { run, _ in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    try await writer.write(ByteBuffer(string: "run \(run)"))
                    try await writer.finish(nil)
                }
            )
        }
        let reply = try await harness()
        _ = try await harness.store.purge(.url("/"), mode: .hard)
        #expect(try await reply.text() == "run 1")
        #expect(try await harness.text() == "run 2")
    }

    @Test func `A softly purged response stays usable while regenerated`() async throws {
        let harness = EngineHarness(tags: ["a"], settings: .with { $0.stale.whileRevalidating = .seconds(30) })
        _ = try await harness()
        harness.time.advance(by: .seconds(10))
        _ = try await harness.store.purge(.tag("a"), mode: .soft)
        let stale = try await harness()
        #expect(try await stale.text() == "run 1")
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "run 2")
    }

    @Test func `Tags are computed from request and reply once each`() async throws {
        let store = RecordingStore()
        let harness = EngineHarness(
            store: store,
            tags: CacheTags(["all", "{a}-{b}", "{a"]).adding { exchange, reply in
                ["status:\(reply.status.code)", "all", exchange.request.path ?? ""]
            }
        )
        var exchange = Exchange.testing(.get, "/x")
        exchange.pathParameters = PathParameters(named: [.init("a", .string("1")), .init("b", .integer(2))])
        _ = try await harness(exchange)
        #expect(store.entries.values.first?.tags == ["all", "1-2", "{a", "status:200", "/x"])
    }

    @Test(arguments: [
        ((0..<128).map { "tag \($0)" }, true), ((0..<129).map { "tag \($0)" }, false),
        ([String(repeating: "x", count: 1024)], true), ([String(repeating: "x", count: 1025)], false),
        ((0..<100_000).map { "tag \($0)" }, false),
    ])
    func `A response with too many tags is not stored`(tags: [String], isStored: Bool) async throws {
        let harness = EngineHarness(tags: .computed { _, _ in tags })
        let expected = isStored ? "ResponseCache; fwd=uri-miss; stored" : "ResponseCache; fwd=uri-miss"
        #expect(try await harness.status() == expected)
    }

    @Test func `A write purges any number of tags`() async throws {
        let tags = (0..<1000).map { "tag \($0)" } + [String(repeating: "a", count: 2000)]
        let harness = EngineHarness(tags: ["tag {id}"], purgesTags: .computed { _, _ in tags })
        func exchange(_ method: HTTPRequest.Method, _ id: Int) -> Exchange {
            var exchange = Exchange.testing(method, "/\(id)")
            exchange.pathParameters = PathParameters(named: [.init("id", .integer(id))])
            return exchange
        }
        for id in [1, 999, 1000] { _ = try await harness(exchange(.get, id)) }
        _ = try await harness(exchange(.put, 5000))
        let runs = harness.counter.count
        for id in [1, 999, 1000] { _ = try await harness(exchange(.get, id)) }
        #expect(harness.counter.count == runs + 2, "1000 is none of them")
    }

    @Test(arguments: [
        ("/a%2541", "/a%2541"), ("/a%2F%2Fb", "/a/b"), ("/a/%3Fb", "/a/%3Fb"), ("/a//b/?x=%2525", "/a/b"),
        ("/caf%C3%A9/", "/caf\u{E9}"), ("/%", "/%25"), ("/%%341", "/%2541"), ("/a?b?c/", "/a"), ("/a%+1b", "/a%25+1b"),
        ("/a?", "/a"), ("/a/?", "/a"), ("/?", "/"), ("?", "/"), ("", ""), ("/", "/"), ("//", "/"), ("*", "/*"),
        ("a/b", "/a/b"), ("/a#b", "/a#b"), ("/a/\u{301}b", "/a/\u{301}b"), ("/a%FF", "/a\u{FFFD}"),
        ("http://host/a/?b", "/a"), ("http://host:80", "/"), ("http://host?a/b", "/"),
        ("HTTPS://u@[::1]:8/a%62", "/ab"),
        ("/a/http://host/b", "/a/http:/host/b"), ("a:/b://c/d", "/d"),
    ])
    func `All spellings of a URL have one normalized path`(target: String, expected: String) {
        #expect(CacheEntry.normalizedPath(target) == expected)
        #expect(CacheEntry.normalizedPath(expected) == expected)
    }

    @Test(arguments: ["/cities/5", "/cities/5?", "//cities/%35/?page=2&x", "http://example.test/cities/5"])
    func `A write purges its path whatever the queries`(target: String) async throws {
        let key: KeyConstructor = ["path": .pathParameters]
        for stored in ["", "?", "?utm_source=a", "?a=/cities/6"] {
            let harness = EngineHarness(key: key)
            _ = try await harness(Self.city(5, query: stored))
            #expect(try await harness.status(Self.city(5)) == "ResponseCache; hit")
            var write = Self.city(5, .put)
            write.request.path = target
            _ = try await harness(write)
            #expect(try await harness.status(Self.city(5)) == "ResponseCache; fwd=uri-miss; stored", "\(stored)")
        }
    }

    @Test func `An entry is purged by its path`() async throws {
        let harness = EngineHarness()
        _ = try await harness(.testing(.get, "/a%2541"))
        let key = try await KeyConstructor.safeDefault.key(for: .testing(.get, "/a%2541"))
        let path = try #require(try await harness.store.entry(for: key)?.path)
        #expect(try await harness.store.purge(.url(path), mode: .hard) == 1)
    }

    @Test func `A route may keep its URL from being purged`() async throws {
        let harness = EngineHarness(settings: .with { $0.purgesURL = false })
        _ = try await harness()
        _ = try await harness(.testing(.put))
        #expect(try await harness.status() == "ResponseCache; hit")
    }

    @Test func `A disconnected client does not prevent its write from purging`() async throws {
        let (gate, store) = (Gate(), RecordingStore())
        let harness = EngineHarness(store: store) { _, exchange in
            // A handler that has begun to write runs to its end.
            if exchange.request.method == .put { try? await gate.pass() }
            return .testing("a")
        }
        _ = try await harness()
        let handler = harness.handler
        let write = Task { try await handler(.testing(.put)) }
        await gate.waitForArrivals(1)
        write.cancel()
        _ = try? await write.value
        #expect(store.entries.isEmpty)
    }
}
