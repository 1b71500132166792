import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization
import Testing

@testable import CacheMiddleware

/// Caches responses with an `X-Cacheable` field, for that number of seconds.
struct CacheableFieldRules: CachingRules {
    static let field = HTTPField.Name("X-Cacheable")!

    func key(for exchange: Exchange) async throws -> CacheKey? {
        CacheKey(digestOf: exchange.request.path ?? "")
    }

    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? {
        reply.headerFields.contains(Self.field) ? nil : .noStore
    }

    func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? {
        .seconds(reply.headerFields[Self.field].flatMap { Int($0) } ?? 0)
    }
}

/// Validates expired responses that have a tag, and keeps them an hour for validation.
struct ValidatingRules: CachingRules {
    func key(for exchange: Exchange) async throws -> CacheKey? {
        CacheKey(digestOf: exchange.request.path ?? "")
    }

    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? {
        reply.headerFields.contains(.eTag) ? nil : .noStore
    }

    func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? { .seconds(10) }

    func validationPeriod(of reply: Reply, to exchange: Exchange) -> Duration { .seconds(3600) }

    func validation(of entry: CacheEntry, for exchange: Exchange) -> Exchange? {
        var exchange = exchange
        exchange.request.headerFields[.ifNoneMatch] = entry.headerFields[.eTag]
        return exchange
    }

    func response(updating entry: CacheEntry, with reply: Reply) -> Reply? {
        guard reply.status == .notModified else { return nil }
        var fields = entry.headerFields
        for field in reply.headerFields { fields[field.name] = field.value }
        return Reply(status: entry.status, headerFields: fields, body: ReplyBody(entry.body))
    }
}

/// Serves an entry only to requests with the same Accept-Language.
struct LanguageRules: CachingRules {
    func key(for exchange: Exchange) async throws -> CacheKey? {
        CacheKey(digestOf: exchange.request.path ?? "")
    }

    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? { nil }

    func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? { .seconds(10) }

    func mayServe(_ entry: CacheEntry, to exchange: Exchange) -> Bool {
        entry.headerFields[.contentLanguage] == exchange.request.headerFields[.acceptLanguage]
    }
}

/// Stores each response under a key that contains the fields of its Vary.
final class VaryRules: CachingRules {
    /// The Vary of each path's latest response.
    private let vary = Mutex<[String: String]>([:])

    func key(for exchange: Exchange) async throws -> CacheKey? { variant(of: exchange) }

    func storageKey(_ key: CacheKey, of reply: Reply, to exchange: Exchange) -> CacheKey {
        vary.withLock { $0[exchange.request.path ?? ""] = reply.headerFields[.vary] }
        return variant(of: exchange)
    }

    private func variant(of exchange: Exchange) -> CacheKey {
        let path = exchange.request.path ?? ""
        let names = vary.withLock { $0[path] }?.split(separator: ", ") ?? []
        let values = names.map { exchange.request.headerFields[HTTPField.Name(String($0))!] ?? "" }
        return CacheKey(digestOf: ([path] + values).joined(separator: "\n"))
    }

    func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? { nil }

    func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? { .seconds(10) }
}

@Suite(.timeLimit(.minutes(5))) struct CustomRulesTests {
    let gate = Gate()
    let counter = HandlerCounter()
    let time = ManualTimeSource()
    let background = BackgroundWork()

    func cached(
        _ rules: some CachingRules, in store: any CacheStore, stale: StalePolicy = .none,
        _ respond: @escaping @Sendable (Int, Exchange) async throws -> Reply
    ) -> Handler {
        let counter = counter
        let runtime = CacheRuntime.testing(time, clock: ManualClock(), background: background, random: { 0.5 })
        return Pipeline {
            CachingMiddleware(rules, in: store, settings: .with { $0.stale = stale }, runtime: runtime)
        }.wrap { exchange in try await respond(counter.increment(), exchange) }
    }

    func store() -> MemoryStore { MemoryStore(byteLimit: 16 << 20, timeSource: time) }

    static func cacheable(_ run: Int, _ seconds: Int = 10) -> Reply {
        .testing("run \(run)", fields: [CacheableFieldRules.field: "\(seconds)"])
    }

    static func status(_ reply: Reply) -> String? { CacheResponseMiddlewareTests.status(reply) }

    @Test func `Custom rules determine what is stored and for how long`() async throws {
        let handler = cached(CacheableFieldRules(), in: store()) { run, exchange in
            exchange.request.path == "/a" ? Self.cacheable(run) : .testing("run \(run)")
        }
        for _ in 0..<2 { #expect(try await handler(.testing(.get, "/a")).text() == "run 1") }
        #expect(try await handler(.testing(.get, "/b")).text() == "run 2")
        #expect(try await handler(.testing(.get, "/b")).text() == "run 3")
        time.advance(by: .seconds(10))
        #expect(try await handler(.testing(.get, "/a")).text() == "run 4")
    }

    @Test func `Custom rules have a Cache-Status`() async throws {
        let handler = cached(CacheableFieldRules(), in: store()) { run, _ in Self.cacheable(run) }
        #expect(Self.status(try await handler(.testing())) == "ResponseCache; fwd=uri-miss; stored")
        #expect(Self.status(try await handler(.testing())) == "ResponseCache; hit")
        #expect(
            Self.status(try await handler(.testing(fields: [.cookie: "a=b"]))) == "ResponseCache; fwd=bypass")
    }

    @Test func `Custom rules coalesce concurrent requests`() async throws {
        let gate = gate
        let handler = cached(CacheableFieldRules(), in: store()) { run, _ in
            try await gate.pass()
            return Self.cacheable(run)
        }
        let requests = (0..<20).map { _ in Task { try await handler(.testing()).text() } }
        await gate.waitForArrivals(1)
        gate.open()
        for request in requests { #expect(try await request.value == "run 1") }
        #expect(counter.count == 1)
    }

    @Test func `Custom rules serve stale responses and refresh them`() async throws {
        let stale = StalePolicy(whileRevalidating: .seconds(60))
        let handler = cached(CacheableFieldRules(), in: store(), stale: stale) { run, _ in Self.cacheable(run) }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        #expect(Self.status(try await handler(.testing())) == "ResponseCache; hit; ttl=-1")
        await background.waitUntilIdle()
        #expect(try await handler(.testing()).text() == "run 2")
    }

    @Test func `Custom rules purge the path of a write`() async throws {
        let store = store()
        let handler = cached(CacheableFieldRules(), in: store) { run, _ in Self.cacheable(run) }
        _ = try await handler(.testing(.get, "/a"))
        _ = try await handler(.testing(.put, "/a"))
        #expect(try await handler(.testing(.get, "/a")).text() == "run 3")
        _ = await store.purge(.everything, mode: .hard)
        #expect(try await handler(.testing(.get, "/a")).text() == "run 4")
    }

    @Test func `Rules may validate an expired response with the handler`() async throws {
        let handler = cached(ValidatingRules(), in: store()) { run, exchange in
            guard exchange.request.headerFields[.ifNoneMatch] == "\"a\"" else {
                return .testing("run \(run)", fields: [.eTag: "\"a\""])
            }
            return Reply(status: .notModified, headerFields: [.contentLanguage: "en"])
        }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        let updated = try await handler(.testing())
        #expect(updated.status == .ok)
        #expect(updated.headerFields[.contentLanguage] == "en")
        #expect(Self.status(updated) == "ResponseCache; fwd=stale; stored")
        #expect(try await updated.text() == "run 1")
        let hit = try await handler(.testing())
        #expect(Self.status(hit) == "ResponseCache; hit")
        #expect(hit.headerFields[.contentLanguage] == "en")
        time.advance(by: .seconds(3700))
        #expect(Self.status(try await handler(.testing())) == "ResponseCache; fwd=uri-miss; stored")
    }

    @Test func `A background refresh validates the entry`() async throws {
        let stale = StalePolicy(whileRevalidating: .seconds(60))
        let handler = cached(ValidatingRules(), in: store(), stale: stale) { run, exchange in
            guard exchange.request.headerFields.contains(.ifNoneMatch) else {
                return .testing("run \(run)", fields: [.eTag: "\"a\""])
            }
            return Reply(status: .notModified)
        }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        #expect(Self.status(try await handler(.testing())) == "ResponseCache; hit; ttl=-1")
        await background.waitUntilIdle()
        let hit = try await handler(.testing())
        #expect(Self.status(hit) == "ResponseCache; hit")
        #expect(try await hit.text() == "run 1")
    }

    @Test func `A purged entry is not validated`() async throws {
        struct Failure: Error {}
        let (gate, store) = (gate, store())
        let handler = cached(ValidatingRules(), in: store) { run, exchange in
            if run == 2 {
                try await gate.pass()
                throw Failure()
            }
            #expect(!exchange.request.headerFields.contains(.ifNoneMatch))
            return .testing("run \(run)", fields: [.eTag: "\"a\""])
        }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        let leader = Task { try await handler(.testing()) }
        await gate.waitForArrivals(1)
        let waiter = Task { try await handler(.testing()).text() }
        for _ in 0..<200 { await Task.yield() }
        await store.purge(.everything, mode: .hard)
        gate.open()
        await #expect(throws: Failure.self) { try await leader.value }
        #expect(try await waiter.value == "run 3")
    }

    @Test func `A 304 that does not confirm the entry is dropped`() async throws {
        struct Unconfirmed: CachingRules {
            let rules = ValidatingRules()
            func key(for exchange: Exchange) async throws -> CacheKey? { try await rules.key(for: exchange) }
            func rejection(of reply: Reply, to exchange: Exchange) -> RefusalReason? { nil }
            func lifetime(of reply: Reply, to exchange: Exchange) async throws -> Duration? { .seconds(10) }
            func validationPeriod(of reply: Reply, to exchange: Exchange) -> Duration { .seconds(60) }
            func validation(of entry: CacheEntry, for exchange: Exchange) -> Exchange? {
                rules.validation(of: entry, for: exchange)
            }
        }
        let handler = cached(Unconfirmed(), in: store()) { run, exchange in
            guard exchange.request.headerFields.contains(.ifNoneMatch) else {
                return .testing("run \(run)", fields: [.eTag: "\"a\""])
            }
            return Reply(status: .notModified)
        }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        #expect(try await handler(.testing()).text() == "run 3")
    }

    @Test func `HEAD is forwarded without validation`() async throws {
        let handler = cached(ValidatingRules(), in: store()) { run, exchange in
            #expect(!exchange.request.headerFields.contains(.ifNoneMatch))
            return .testing("run \(run)", fields: [.eTag: "\"a\""])
        }
        _ = try await handler(.testing())
        time.advance(by: .seconds(11))
        #expect(Self.status(try await handler(.testing(.head))) == "ResponseCache; fwd=stale")
    }

    @Test func `A waiter runs the handler when the entry is unusable`() async throws {
        let gate = gate
        let handler = cached(LanguageRules(), in: store()) { run, exchange in
            try await gate.pass()
            let language = exchange.request.headerFields[.acceptLanguage] ?? ""
            return .testing(language, fields: [.contentLanguage: language])
        }
        let languages = ["en", "de", "en"]
        let requests = languages.map { language in
            Task { try await handler(.testing(fields: [.acceptLanguage: language])).text() }
        }
        await gate.waitForArrivals(1)
        for _ in 0..<200 { await Task.yield() }
        gate.open()
        for (request, language) in zip(requests, languages) { #expect(try await request.value == language) }
    }

    @Test func `Rules may store variants under their own keys`() async throws {
        let store = store()
        let handler = cached(VaryRules(), in: store) { run, exchange in
            .testing("run \(run)", fields: [.vary: "Accept-Language"])
        }
        for _ in 0..<2 {
            #expect(try await handler(.testing(fields: [.acceptLanguage: "en"])).text() == "run 1")
            #expect(try await handler(.testing(fields: [.acceptLanguage: "de"])).text() == "run 2")
        }
        _ = try await handler(.testing(.put))
        #expect(store.statistics.entryCount == 0, "a write purges all variants")
    }
}
