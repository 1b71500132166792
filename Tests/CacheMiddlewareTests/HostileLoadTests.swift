import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@testable import CacheMiddleware

/// Tries to make a cache exceed its memory limit or take unbounded time.
@Suite(.timeLimit(.minutes(5))) struct HostileLoadTests {
    static func cached(_ store: MemoryStore, tags: CacheTags = .none, _ handler: @escaping Handler) -> Handler {
        Pipeline {
            CacheResponseMiddleware(.forever, in: store) { $0.tags = tags }
        }.wrap(handler)
    }

    @Test func `Random queries never exceed the budget`() async throws {
        let store = MemoryStore(byteLimit: 2 << 20)
        let handler = Self.cached(store) { _ in .testing(String(repeating: "x", count: 500)) }
        for number in 0..<12_000 {
            _ = try await handler(.testing(.get, "/search?q=\(number &* 0x9E37_79B9)"))
        }
        #expect(store.statistics.byteCount <= 2 << 20)
        #expect(store.statistics.evictions > 4000)
    }

    @Test func `Entries in use survive random queries`() async throws {
        let store = MemoryStore(byteLimit: 4 << 20)
        let counter = HandlerCounter()
        let handler = Self.cached(store) { exchange in
            if exchange.request.path == "/popular" { counter.increment() }
            return .testing(String(repeating: "x", count: 500))
        }
        for number in 0..<10_000 {
            _ = try await handler(.testing(.get, "/search?q=\(number)"))
            if number % 10 == 0 { _ = try await handler(.testing(.get, "/popular")) }
        }
        #expect(counter.count <= 3)
    }

    @Test func `Giant fields of requests are not kept`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let handler = Self.cached(store) { _ in .testing("a") }
        let giant = String(repeating: "x", count: 1 << 20)
        for name in ["X-Giant", "Accept", "Accept-Language", "User-Agent"] {
            _ = try await handler(.testing(fields: [HTTPField.Name(name)!: giant]))
        }
        #expect(store.statistics.byteCount < 10_000)
    }

    @Test func `A giant target counts in the budget`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let handler = Self.cached(store) { _ in .testing("a") }
        for number in 0..<100 {
            _ = try await handler(.testing(.get, "/\(number)" + String(repeating: "x", count: 100_000)))
        }
        #expect(store.statistics.byteCount <= 1 << 20)
        #expect(store.statistics.entryCount < 11)
    }

    @Test func `A giant query takes no room`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let handler = Self.cached(store) { _ in .testing("a") }
        _ = try await handler(.testing(.get, "/a?" + String(repeating: "x", count: 1 << 20)))
        #expect(store.statistics.byteCount < 10_000)
    }

    @Test func `Giant response fields count in the budget`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let handler = Self.cached(store) { _ in
            .testing("a", fields: [.init("X-Giant")!: String(repeating: "x", count: 100_000)])
        }
        for number in 0..<100 { _ = try await handler(.testing(.get, "/\(number)")) }
        #expect(store.statistics.byteCount <= 1 << 20)
        #expect(store.statistics.entryCount < 11)
    }

    @Test func `A hundred thousand tags leave no memory behind`() async throws {
        let store = MemoryStore(byteLimit: 4 << 20)
        let handler = Self.cached(
            store, tags: .computed { exchange, _ in (0..<100).map { "\(exchange.request.path ?? "") \($0)" } }
        ) { _ in .testing("a") }
        for number in 0..<1000 { _ = try await handler(.testing(.get, "/\(number)")) }
        #expect(store.statistics.byteCount <= 4 << 20)
        for number in 0..<1000 { await store.purge(.tag("/\(number) 7"), mode: .hard) }
        #expect(store.statistics.entryCount == 0)
        #expect(store.statistics.byteCount == 0)
    }

    @Test func `The list of passing keys keeps the latest ones`() {
        let flights = FlightTable(overdueAfter: .seconds(60))
        for number in 0..<10_000 {
            let key = CacheKey(digestOf: "\(number % 5000)")
            guard case .lead(let leadership) = flights.join(key, at: .start, now: .zero) else { continue }
            leadership.giveUp(passingUntil: .seconds(number + 1))
        }
        #expect(flights.counts == (0, 0, PassList.limit))
        guard case .pass = flights.join(CacheKey(digestOf: "4999"), at: .start, now: .zero) else {
            Issue.record("the last one is remembered")
            return
        }
    }

    @Test func `A returning key is not forgotten with its first use`() {
        var passes = PassList()
        let key = CacheKey(digestOf: "key")
        passes.insert(key, until: .seconds(1))
        let isOver = !passes.contains(key, at: .seconds(1))
        #expect(isOver)
        passes.insert(key, until: .seconds(100))
        for number in 1..<PassList.limit { passes.insert(CacheKey(digestOf: "\(number)"), until: .seconds(100)) }
        let isRemembered = passes.contains(key, at: .seconds(50))
        #expect(isRemembered)
        #expect(passes.count == PassList.limit)
    }

    @Test func `Endless directives and members are parsed in bounded time`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let commas = String(repeating: ",", count: 1 << 20)
        let names = (0..<50_000).map { "a\($0)" }.joined(separator: ",")
        for fields in [[.vary: commas], [.vary: names], [.cacheControl: commas], [.cacheControl: names]] as [HTTPFields]
        {
            let handler = Self.cached(store) { _ in .testing("a", fields: fields) }
            for _ in 0..<2 { _ = try await handler(.testing()) }
        }
        #expect(store.statistics.byteCount <= 1 << 20)
    }

    @Test func `Cancelled waiters leave no flight behind`() async throws {
        let flights = FlightTable(overdueAfter: .seconds(60))
        let key = CacheKey(digestOf: "key")
        guard case .lead(let leadership) = flights.join(key, at: .start, now: .zero) else {
            Issue.record("the first request leads")
            return
        }
        let waiting = (0..<100).map { _ in
            Task {
                guard case .wait(let ticket) = flights.join(key, at: .start, now: .zero) else { return }
                _ = try? await flights.outcome(for: ticket, joinedAt: .start)
            }
        }
        for task in waiting { task.cancel() }
        for task in waiting { await task.value }
        #expect(flights.counts == (1, 0, 0))
        leadership.giveUp()
        #expect(flights.counts == (0, 0, 0))
    }

    @Test func `Requests cancelled while waiting delay no other request`() async throws {
        let gate = Gate()
        let store = MemoryStore(byteLimit: 1 << 20)
        let handler = Self.cached(store) { _ in
            try await gate.pass()
            return .testing("a")
        }
        let leader = Task { try await handler(.testing()).text() }
        await gate.waitForArrivals(1)
        let others = (0..<5000).map { _ in Task { try await handler(.testing()).text() } }
        for task in others { task.cancel() }
        for task in others { _ = try? await task.value }
        gate.open()
        #expect(try await leader.value == "a")
        #expect(try await handler(.testing()).text() == "a")
    }
}
