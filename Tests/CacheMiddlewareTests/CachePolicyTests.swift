import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct CachePolicyTests {
    struct Failure: Error {}

    @Test func `A lifetime is computed for each response`() async throws {
        let harness = EngineHarness(
            lifetime: .computed { exchange, reply in
                if reply.status == .noContent { throw Failure() }
                return exchange.request.path == "/long" ? .seconds(100) : .seconds(10)
            }
        ) { run, exchange in
            exchange.request.path == "/none" ? Reply(status: .noContent) : .testing("run \(run)")
        }
        for target in ["/long", "/short"] { _ = try await harness(.testing(.get, target)) }
        harness.time.advance(by: .seconds(50))
        #expect(try await harness.status(.testing(.get, "/long")) == "ResponseCache; hit")
        #expect(try await harness.status(.testing(.get, "/short")) == "ResponseCache; fwd=uri-miss; stored")
        #expect(try await harness.status(.testing(.get, "/none")) == "ResponseCache; fwd=uri-miss")
    }

    @Test func `A status may have its own lifetime`() async throws {
        // Errors, too.
        let harness = EngineHarness(
            settings: .with { $0.statusLifetimes = [404: .seconds(5), 301: .doNotStore] }
        ) { run, exchange in
            switch exchange.request.path {
            case "/missing": .testing("missing \(run)", status: .notFound)
            case "/moved": .testing("moved \(run)", status: .movedPermanently)
            default: .testing("bad \(run)", status: .badRequest)
            }
        }
        for _ in 0..<2 {
            #expect(try await harness.text(.testing(.get, "/missing")) == "missing 1")
        }
        harness.time.advance(by: .seconds(5))
        #expect(try await harness.text(.testing(.get, "/missing")) == "missing 2")
        for run in 3...4 { #expect(try await harness.text(.testing(.get, "/moved")) == "moved \(run)") }
        for run in 5...6 { #expect(try await harness.text(.testing(.get, "/bad")) == "bad \(run)") }
    }

    @Test func `A computed lifetime may refer to the settings`() async throws {
        // And so may a status lifetime.
        for settingsTimeout in [CacheLifetime.seconds(10), .settings] {
            let harness = EngineHarness(
                lifetime: .computed { _, _ in .settings },
                settings: .with { settings in
                    settings.lifetime = settingsTimeout
                    settings.statusLifetimes = [404: .settings]
                }
            ) { run, exchange in .testing("run \(run)", status: exchange.request.path == "/" ? .ok : .notFound) }
            for target in ["/", "/missing"] {
                _ = try await harness(.testing(.get, target))
                harness.time.advance(by: .seconds(9))
                #expect(try await harness.status(.testing(.get, target)) == "ResponseCache; hit")
            }
        }
    }

    @Test func `A route that stores nothing queries no store`() async throws {
        let store = RecordingStore()
        let harness = EngineHarness(lifetime: .doNotStore, store: store)
        #expect(try await harness.status() == "ResponseCache; fwd=bypass")
        #expect(store.operations.isEmpty)
    }

    @Test func `Responses for each user require a user`() async throws {
        let harness = EngineHarness(
            key: .default, settings: .with { $0.sharing = .perUser }
        ) { _, exchange in
            .testing("for \(exchange.userID ?? "no user")", fields: [.cacheControl: "private, max-age=60"])
        }
        for user in ["1", "2"] {
            var exchange = Exchange.testing(fields: [.authorization: "Bearer \(user)"])
            #expect(try await harness.status(exchange) == "ResponseCache; fwd=bypass", "the user is not named")
            exchange.userID = user
            #expect(try await harness.status(exchange) == "ResponseCache; fwd=uri-miss; stored")
            let hit = try await harness(exchange)
            #expect(CacheResponseMiddlewareTests.status(hit) == "ResponseCache; hit")
            #expect(try await hit.text() == "for \(user)")
        }
        #expect(try await harness.status() == "ResponseCache; fwd=bypass", "the application has named no user")
        var named = Exchange.testing()
        named.userID = "anonymous"
        #expect(try await harness.status(named) == "ResponseCache; fwd=bypass")
    }

    @Test func `A closure composes keys and declares their separation`() async throws {
        let (counter, time) = (HandlerCounter(), ManualTimeSource())
        func handler(_ separates: RequestSeparation, _ sharing: Sharing = .guarded) -> Handler {
            Pipeline {
                CacheResponseMiddleware(
                    .minutes(1),
                    key: .computed(separates: separates) { exchange in
                        if exchange.request.path == "/fails" { throw Failure() }
                        return exchange.request.path == "/none" ? nil : CacheKey(digestOf: exchange.userID ?? "-")
                    }, in: MemoryStore(byteLimit: 1 << 20, timeSource: time),
                    runtime: .testing(time)
                ) { $0.sharing = sharing }
            }.wrap { exchange in .testing("\(counter.increment()) for \(exchange.userID ?? "-")") }
        }
        func statuses(_ handler: Handler, _ exchange: Exchange) async throws -> [String?] {
            [
                CacheResponseMiddlewareTests.status(try await handler(exchange)),
                CacheResponseMiddlewareTests.status(try await handler(exchange)),
            ]
        }
        let stored = ["ResponseCache; fwd=uri-miss; stored", "ResponseCache; hit"]
        let passed = ["ResponseCache; fwd=bypass", "ResponseCache; fwd=bypass"]
        #expect(try await statuses(handler(.none), .testing()) == stored)
        for target in ["/fails", "/none"] {
            #expect(try await statuses(handler(.none), .testing(.get, target)) == passed)
        }
        var named = Exchange.testing(fields: [.authorization: "x"])
        named.userID = "1"
        #expect(try await statuses(handler(.none), named) == passed)
        #expect(try await statuses(handler(RequestSeparation(user: true)), named) == stored)
        #expect(try await statuses(handler(.none, .perUser), named) == stored)
    }

    @Test(arguments: [true, false])
    func `Only an opted-in route lets requests bypass entries`(allows: Bool) async throws {
        let harness = EngineHarness(settings: .with { $0.honorsNoCache = allows })
        _ = try await harness()
        let reload = Exchange.testing(fields: [.cacheControl: "max-age=0, no-cache"])
        #expect(
            try await harness.status(reload) == (allows ? "ResponseCache; fwd=request; stored" : "ResponseCache; hit"))
        #expect(try await harness.text() == (allows ? "run 2" : "run 1"))
    }

    @Test func `Set-Cookie is stored only when enabled`() async throws {
        for isEnabled in [true, false] {
            let harness = EngineHarness(settings: .with { $0.storesSetCookie = isEnabled }) { _, _ in
                .testing("a", fields: [.setCookie: "theme=dark"])
            }
            _ = try await harness()
            let second = try await harness()
            #expect((harness.counter.count == 1) == isEnabled)
            #expect(second.headerFields[.setCookie] == "theme=dark")
        }
    }

    @Test func `Excluded fields are not stored`() async throws {
        let harness = EngineHarness(settings: .with { $0.unstoredFields = [.server] }) { _, _ in
            .testing("a", fields: [.server: "one", .contentType: "text/plain", .date: "now"])
        }
        let miss = try await harness()
        #expect(miss.headerFields[.server] == "one")
        let hit = try await harness()
        #expect(
            hit.headerFields.map(\.name).map(\.canonicalName) == [
                "content-type", "age", "cache-status", "content-length",
            ])
    }

    @Test func `The settings of drf-extensions give its responses`() async throws {
        var drf = CacheSettings.drf
        let counter = HandlerCounter()
        drf.lifetime = .forever
        let handler = Pipeline {
            CacheResponseMiddleware(in: MemoryStore(byteLimit: 1 << 20), runtime: .testing()) { $0 = drf }
        }.wrap { _ in .testing("run \(counter.increment())", status: .notFound, fields: [.setCookie: "a=b"]) }
        var exchange = Exchange.testing(.get, "/one", fields: [.authorization: "x"])
        #expect(try await handler(exchange).text() == "run 1")
        exchange.request.path = "/two"
        let second = try await handler(exchange)
        #expect(try await second.text() == "run 1", "the key of three bits has no path")
        #expect(second.headerFields[.setCookie] == nil)
        #expect(CacheResponseMiddlewareTests.status(second) == nil)
    }

    @Test func `Cache-Status contains key, lifetime and reason only when enabled`() async throws {
        let harness = EngineHarness(
            settings: .with { settings in
                settings.explainsStatus = true
                settings.name = "Cities"
            }
        ) { run, exchange in
            exchange.request.path == "/" ? .testing("a") : .testing("b", status: .badRequest)
        }
        let key = try await KeyConstructor.safeDefault.key(for: .testing())
        #expect(try await harness.status() == "Cities; fwd=uri-miss; ttl=60; stored; key=\"\(key)\"")
        harness.time.advance(by: .milliseconds(10_500))
        #expect(try await harness.status() == "Cities; hit; ttl=49; key=\"\(key)\"")
        #expect(try await harness.status(.testing(.get, "/b"))?.hasSuffix("; detail=error") == true)
        #expect(try await harness.status(.testing(.post)) == "Cities; fwd=method")
    }

    @Test func `Cache-Status can be disabled`() async throws {
        let harness = EngineHarness(settings: .with { $0.sendsStatus = false })
        #expect(try await harness.status() == nil)
        #expect(try await harness.status() == nil)
        #expect(harness.counter.count == 1)
    }

    @Test func `HEAD never leaves an empty response for GET`() async throws {
        let harness = EngineHarness { _, exchange in
            exchange.request.method == .head ? Reply(status: .ok) : .testing("whole")
        }
        _ = try await harness(.testing(.head))
        #expect(try await harness.text() == "whole")
        let head = try await harness(.testing(.head))
        #expect(head.headerFields[.contentLength] == "5")
        #expect(harness.counter.count == 2)
    }
}
