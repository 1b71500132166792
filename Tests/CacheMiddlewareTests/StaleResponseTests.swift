import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct StaleResponseTests {
    struct Failure: Error {}

    @Test func `A stale response is served while it is refreshed`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) })
        _ = try await harness()
        harness.time.advance(by: .seconds(75))
        let stale = try await harness()
        #expect(try await stale.text() == "run 1")
        #expect(stale.headerFields[.age] == "75")
        #expect(CacheResponseMiddlewareTests.status(stale) == "ResponseCache; hit; ttl=-15")
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "run 2")
        #expect(try await harness.status() == "ResponseCache; hit")
        #expect(harness.counter.count == 2)
    }

    @Test func `A stale response is not served after its window`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) })
        _ = try await harness()
        harness.time.advance(by: .seconds(90))
        #expect(try await harness.text() == "run 2")
    }

    @Test func `Many requests for a stale response start one refresh`() async throws {
        let gate = Gate()
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { run, _ in
            if run > 1 { try await gate.pass() }
            return .testing("run \(run)")
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        for _ in 0..<20 { #expect(try await harness.text() == "run 1") }
        await gate.waitForArrivals(1)
        for _ in 0..<20 { #expect(try await harness.text() == "run 1") }
        gate.open()
        await harness.background.waitUntilIdle()
        #expect(harness.counter.count == 2)
    }

    @Test
    func `Without background tasks one request refreshes`() async throws {
        // The others get the stale response.
        let gate = Gate()
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { run, _ in
            if run > 1 { try await gate.pass() }
            return .testing("run \(run)")
        }
        _ = try await harness.scoped(.testing())
        harness.time.advance(by: .seconds(61))
        let scoped = harness.scoped
        let maker = Task { try await scoped(.testing()).text() }
        await gate.waitForArrivals(1)
        #expect(try await scoped(.testing()).text() == "run 1")
        gate.open()
        #expect(try await maker.value == "run 2")
        #expect(harness.background.count == 0)
    }

    @Test func `The number of concurrent refreshes is bounded`() async throws {
        let gate = Gate()
        let harness = EngineHarness(
            background: BackgroundWork(limit: 2), settings: .with { $0.stale.whileRevalidating = .seconds(30) }
        ) { run, _ in
            if run > 10 { try await gate.pass() }
            return .testing("run \(run)")
        }
        for number in 0..<10 { _ = try await harness(.testing(.get, "/\(number)")) }
        harness.time.advance(by: .seconds(61))
        for number in 0..<10 { _ = try await harness(.testing(.get, "/\(number)")) }
        await gate.waitForArrivals(2)
        #expect(harness.counter.count == 12)
        #expect(harness.background.count == 2)
        gate.open()
        await harness.background.waitUntilIdle()
    }

    @Test func `Refreshes are cancelled when the application shuts down`() async throws {
        let gate = Gate()
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { run, _ in
            if run > 1 { try await gate.pass() }
            return .testing("run \(run)")
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        _ = try await harness()
        await gate.waitForArrivals(1)
        harness.background.shutDown()
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "run 1", "the stored response is still served")
        #expect(!harness.background.run {}, "no further request is started")
    }

    @Test(arguments: [500, 502, 503, 504])
    func `A stale response replaces a failed handler's response`(status: Int) async throws {
        let harness = EngineHarness(settings: .with { $0.stale.ifError = .seconds(3600) }) { run, _ in
            run == 1 ? .testing("good") : .testing("bad", status: .init(code: status))
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        let reply = try await harness()
        #expect(try await reply.text() == "good")
        #expect(reply.status == .ok)
        #expect(
            CacheResponseMiddlewareTests.status(reply) == "ResponseCache; fwd=stale; fwd-status=\(status); ttl=-1")
        harness.time.advance(by: .seconds(3600))
        #expect(try await harness.text() == "bad")
    }

    @Test func `A stale response replaces a thrown error`() async throws {
        // For waiters, too.
        let gate = Gate()
        let harness = EngineHarness(settings: .with { $0.stale.ifError = .seconds(3600) }) { run, _ in
            guard run > 1 else { return .testing("good") }
            try await gate.pass()
            throw Failure()
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        let handler = harness.handler
        let requests = (0..<10).map { _ in Task { try await handler(.testing()).text() } }
        await gate.waitForArrivals(1)
        gate.open()
        for request in requests { #expect(try await request.value == "good") }
    }

    @Test(arguments: [404, 501, 429])
    func `Other errors are served`(status: Int) async throws {
        let harness = EngineHarness(settings: .with { $0.stale.ifError = .seconds(3600) }) { run, _ in
            run == 1 ? .testing("good") : .testing("bad", status: .init(code: status))
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        #expect(try await harness.text() == "bad")
    }

    @Test(arguments: ["max-age=0, must-revalidate", "proxy-revalidate", "s-maxage=5"])
    func `Directives for client caches do not change the route's policy`(directives: String) async throws {
        let policy = StalePolicy(whileRevalidating: .seconds(60), ifError: .seconds(60))
        let harness = EngineHarness(settings: .with { $0.stale = policy }) { run, _ in
            .testing("run \(run)", status: run == 2 ? .serviceUnavailable : .ok, fields: [.cacheControl: directives])
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(59))
        #expect(try await harness.text() == "run 1")
        harness.time.advance(by: .seconds(2))
        #expect(try await harness.text() == "run 1")
        await harness.background.waitUntilIdle()
        #expect(harness.counter.count == 2)
    }

    @Test func `A stale response replaces an early body failure`() async throws {
        // The body fails before anything was sent.
        let harness = EngineHarness(settings: .with { $0.stale = StalePolicy(ifError: .seconds(60)) }) { run, _ in
            guard run == 2 else { return .testing("run \(run)") }
            return Reply(status: .ok, body: ReplyBody(contentLength: 10) { _ in throw SingleFlightTests.Failure() })
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        #expect(try await harness.text() == "run 1")
        #expect(harness.counter.count == 2)
    }

    @Test func `A refresh requests the whole response`() async throws {
        // Whatever the client has of it.
        let fields: HTTPFields = [
            .range: "bytes=0-1", .ifNoneMatch: "\"a\"", .ifModifiedSince: "Sat, 01 Jan 2000 00:00:00 GMT",
            .accept: "text/plain",
        ]
        let harness = EngineHarness(settings: .with { $0.stale = StalePolicy(whileRevalidating: .seconds(60)) }) {
            run, exchange in
            guard exchange.request.headerFields[.ifNoneMatch] == nil else { return Reply(status: .notModified) }
            return .testing("run \(run)\(exchange.request.headerFields[.range] ?? "")")
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        #expect(try await harness.text(.testing(fields: fields)) == "run 1")
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "run 2")
    }

    @Test func `Waiting for all refreshes can be cancelled`() async throws {
        let gate = Gate()
        let background = BackgroundWork()
        background.run { try? await gate.pass() }
        await gate.waitForArrivals(1)
        let waiting = Task { await background.waitUntilIdle() }
        waiting.cancel()
        await waiting.value
        #expect(background.count == 1)
        gate.open()
        await background.waitUntilIdle()
        #expect(background.count == 0)
    }

    @Test func `A failed refresh keeps the stale response`() async throws {
        let harness = EngineHarness(
            settings: .with { settings in
                settings.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(30))
                settings.cachesErrors = true
            }
        ) { run, _ in
            switch run {
            case 1: return .testing("good")
            case 2: throw Failure()
            default: return .testing("bad", status: .serviceUnavailable)
            }
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        for _ in 0..<3 {
            #expect(try await harness.text() == "good")
            await harness.background.waitUntilIdle()
        }
        #expect(harness.counter.count == 4)
    }

    @Test func `A response that became private removes the stale one`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { run, _ in
            run == 1 ? .testing("public") : .testing("secret \(run)", fields: [.cacheControl: "private"])
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        #expect(try await harness.text() == "public")
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "secret 3")
    }

    @Test(arguments: [(10, 0.5, false), (55, 0.5, false), (59, 0.5, true), (10, 0.999_999, true), (59, 0.0, false)])
    func `Early refreshes become likelier near the end`(age: Int, random: Double, refreshes: Bool) async throws {
        // Generating it took 4 seconds: the lead is 4 * -ln(1 - random), 2.8 seconds at 0.5.
        let clock = ManualClock()
        let harness = EngineHarness(
            clock: clock, random: random, settings: .with { $0.stale.earlyRefresh = 1 }
        ) { run, _ in
            clock.advance(by: .seconds(4))
            return .testing("run \(run)")
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(age))
        #expect(try await harness.status() == "ResponseCache; hit")
        await harness.background.waitUntilIdle()
        #expect((harness.counter.count == 2) == refreshes)
        #expect(try await harness.text() == (refreshes ? "run 2" : "run 1"))
    }

    @Test func `A refresh has its own request without a body`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { _, exchange in
            .testing("\(exchange.userID ?? "-") \(exchange.request.path ?? "") \(exchange[Marker.self] ?? "-")")
        }
        var exchange = Exchange.testing(.get, "/a?b=c")
        exchange.userID = "7"
        exchange[Marker.self] = "marked"
        _ = try await harness(exchange)
        harness.time.advance(by: .seconds(61))
        _ = try await harness(exchange)
        await harness.background.waitUntilIdle()
        #expect(harness.counter.count == 2)
        #expect(try await harness.text(exchange) == "7 /a?b=c marked")
    }

    @Test func `HEAD refreshes a stale response as GET`() async throws {
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(30) }) { run, exchange in
            exchange.request.method == .head ? Reply(status: .ok) : .testing("run \(run)")
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        _ = try await harness(.testing(.head))
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "run 2")
    }

    enum Marker: AttributeKey { typealias Value = String }

    @Test func `Jitter shortens lifetimes at random`() async throws {
        // So that they do not end together.
        let harness = EngineHarness(lifetime: .seconds(100), random: 0.5, settings: .with { $0.lifetimeJitter = 0.2 })
        _ = try await harness()
        harness.time.advance(by: .seconds(89))
        #expect(try await harness.text() == "run 1")
        harness.time.advance(by: .seconds(1))
        #expect(try await harness.text() == "run 2")
    }
}
