import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SingleFlightTests {
    struct Failure: Error {}

    /// A cached handler that waits at a gate.
    struct Flown {
        let gate = Gate()
        let counter = HandlerCounter()
        let time = ManualTimeSource()
        let clock = ManualClock()
        let store: any CacheStore
        let handler: Handler

        init(
            _ singleFlight: SingleFlight = .enabled,
            store: (any CacheStore)? = nil,
            respond: @escaping @Sendable (Int, Exchange) async throws -> Reply = { run, _ in .testing("run \(run)") }
        ) {
            var settings = CacheSettings.standard
            settings.singleFlight = singleFlight
            let (gate, counter, time, clock) = (gate, counter, time, clock)
            let store = store ?? MemoryStore(byteLimit: 16 << 20, timeSource: time)
            self.store = store
            handler = Pipeline {
                CacheResponseMiddleware(.minutes(15), in: store, runtime: .testing(time, clock: clock)) {
                    $0 = settings
                }
            }.wrap { exchange in
                let run = counter.increment()
                try await gate.pass()
                return try await respond(run, exchange)
            }
        }

        /// Starts a request.
        func request(_ target: String = "/") -> Task<String, any Error> {
            let handler = handler
            return Task { try await handler(.testing(.get, target)).text() }
        }

        /// Waits until started tasks have had time to run, for tests of events that must not happen.
        func settle() async {
            for _ in 0..<200 { await Task.yield() }
        }
    }

    @Test func `Ten thousand requests run a hundred handlers`() async throws {
        // Concurrent requests for a hundred cold keys.
        let flown = Flown { _, exchange in .testing(exchange.request.path ?? "") }
        let handler = flown.handler
        async let opened: Void = {
            await flown.gate.waitForArrivals(100)
            flown.gate.open()
        }()
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<10_000 {
                group.addTask {
                    (number % 100, try await handler(.testing(.get, "/\(number % 100)")).text())
                }
            }
            for try await (number, text) in group { #expect(text == "/\(number)") }
        }
        await opened
        #expect(flown.counter.count == 100)
    }

    @Test func `Waiters report a shared response`() async throws {
        let flown = Flown()
        let handler = flown.handler
        let leader = Task { try await handler(.testing()) }
        await flown.gate.waitForArrivals(1)
        let follower = Task { try await handler(.testing()) }
        await flown.settle()
        flown.gate.open()
        let statuses = try await [leader.value, follower.value].map { CacheResponseMiddlewareTests.status($0) }
        #expect(statuses[0] == "ResponseCache; fwd=uri-miss; stored")
        // On a busy machine the waiter may have joined after the end.
        #expect(["ResponseCache; fwd=uri-miss; collapsed", "ResponseCache; hit"].contains(statuses[1]))
        #expect(flown.counter.count == 1)
    }

    @Test func `When leaders fail the number of runs doubles`() async throws {
        // And every request gets a response.
        let recorder = Recorder()
        let flown = Flown { run, _ in
            recorder.enter()
            defer { recorder.leave() }
            await Task.yield()
            throw Failure()
        }
        let requests = (0..<100).map { _ in flown.request() }
        await flown.gate.waitForArrivals(1)
        await flown.settle()
        flown.gate.open()
        for request in requests { await #expect(throws: Failure.self) { try await request.value } }
        #expect(flown.counter.count == 100, "no request gets another request's error")
        #expect(recorder.most < 100, "they do not all start at once")
    }

    @Test func `The first success ends the doubling`() async throws {
        let flown = Flown { run, _ in
            guard run > 2 else { throw Failure() }
            return .testing("run \(run)")
        }
        let requests = (0..<50).map { _ in flown.request() }
        await flown.gate.waitForArrivals(1)
        await flown.settle()
        flown.gate.open()
        var failures = 0
        for request in requests {
            do {
                _ = try await request.value
            } catch {
                failures += 1
            }
        }
        #expect(failures == 2)
        #expect(flown.counter.count <= 5)
    }

    @Test(arguments: ["private", "no-store"])
    func `A private response is never shared with waiters`(directive: String) async throws {
        let flown = Flown { run, _ in .testing("run \(run)", fields: [.cacheControl: directive]) }
        let requests = (0..<40).map { _ in flown.request() }
        await flown.gate.waitForArrivals(1)
        await flown.settle()
        flown.gate.open()
        var texts: Set<String> = []
        for request in requests { texts.insert(try await request.value) }
        #expect(texts.count == 40)
        flown.gate.close()
        // The key is remembered now: no request waits.
        let more = (0..<5).map { _ in flown.request() }
        await flown.gate.waitForArrivals(45)
        flown.gate.open()
        for request in more { _ = try await request.value }
        flown.clock.advance(by: .seconds(11))
        flown.gate.close()
        let later = (0..<5).map { _ in flown.request() }
        await flown.gate.waitForArrivals(46)
        await flown.settle()
        #expect(flown.counter.count == 46, "after a while the key is tried again")
        flown.gate.open()
        for request in later { _ = try await request.value }
    }

    @Test func `A cancelled waiter leaves the others waiting`() async throws {
        let flown = Flown()
        let leader = flown.request()
        await flown.gate.waitForArrivals(1)
        let (leaving, staying) = (flown.request(), flown.request())
        await flown.settle()
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        flown.gate.open()
        #expect(try await leader.value == "run 1")
        #expect(try await staying.value == "run 1")
    }

    @Test func `When the leader is cancelled a waiter is promoted`() async throws {
        let flown = Flown()
        let leader = flown.request()
        await flown.gate.waitForArrivals(1)
        let follower = flown.request()
        await flown.settle()
        leader.cancel()
        await #expect(throws: CancellationError.self) { try await leader.value }
        await flown.gate.waitForArrivals(2)
        flown.gate.open()
        #expect(try await follower.value == "run 2")
    }

    @Test func `Waiting has a limit where the route sets one`() async throws {
        let flown = Flown(SingleFlight(waitLimit: .seconds(3)))
        let leader = flown.request()
        await flown.gate.waitForArrivals(1)
        let follower = flown.request()
        await flown.clock.waitForSleepers(1)
        flown.clock.advance(by: .seconds(3))
        await flown.gate.waitForArrivals(2)
        flown.gate.open()
        #expect(try await Set([leader.value, follower.value]) == ["run 1", "run 2"])
    }

    @Test(arguments: [nil, Duration.seconds(3)])
    func `An endless response blocks waiters only until the limit`(limit: Duration?) async throws {
        let end = Gate()
        let flown = Flown(SingleFlight(waitLimit: limit)) { run, _ in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    try await writer.write(ByteBuffer(string: "event of \(run)"))
                    if run == 1 { try await end.pass() }
                    try await writer.finish(nil)
                }
            )
        }
        let leader = flown.request()
        await flown.gate.waitForArrivals(1)
        let follower = flown.request()
        if limit != nil { await flown.clock.waitForSleepers(1) }
        await flown.settle()
        flown.gate.open()
        await end.waitForArrivals(1)
        if let limit { flown.clock.advance(by: limit) }
        #expect(try await follower.value == "event of 2")
        end.open()
        #expect(try await leader.value == "event of 1")
    }

    @Test func `A stream that ends within the limit is shared`() async throws {
        let flown = Flown(SingleFlight(waitLimit: .seconds(3))) { run, _ in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    try await writer.write(ByteBuffer(string: "run \(run)"))
                    try await writer.finish(nil)
                }
            )
        }
        let leader = flown.request()
        await flown.gate.waitForArrivals(1)
        let follower = flown.request()
        await flown.clock.waitForSleepers(1)
        flown.gate.open()
        #expect(try await leader.value == "run 1")
        #expect(try await follower.value == "run 1")
    }

    @Test func `An unread body releases its waiters`() async throws {
        let flown = Flown(SingleFlight(waitLimit: .seconds(3600))) { run, _ in
            guard run == 1 else { return .testing("run \(run)") }
            return Reply(status: .ok, body: ReplyBody { writer in try await writer.finish(nil) })
        }
        let handler = flown.handler
        let leader = Task { _ = try await handler(.testing()) }
        await flown.gate.waitForArrivals(1)
        let follower = flown.request()
        await flown.clock.waitForSleepers(1)
        flown.gate.open()
        try await leader.value
        #expect(try await follower.value == "run 2")
    }

    @Test func `A response from before a purge is not shared`() async throws {
        // With requests that came after the purge.
        let flown = Flown()
        let old = (0..<5).map { _ in flown.request("/a") }
        await flown.gate.waitForArrivals(1)
        await flown.settle()
        _ = try await flown.store.purge(.url("/a"), mode: .hard)
        let new = (0..<5).map { _ in flown.request("/a") }
        await flown.settle()
        #expect(flown.counter.count == 1)
        flown.gate.open()
        for request in old { #expect(try await request.value == "run 1") }
        for request in new { #expect(try await request.value != "run 1") }
        #expect(flown.counter.count <= 3, "two requests run the handler for all")
        #expect(try await flown.request("/a").value != "run 1")
    }

    @Test func `An unrelated purge does not prevent sharing`() async throws {
        let flown = Flown()
        let first = flown.request("/a")
        await flown.gate.waitForArrivals(1)
        _ = try await flown.store.purge(.url("/b"), mode: .hard)
        let second = flown.request("/a")
        await flown.settle()
        flown.gate.open()
        #expect(try await first.value == "run 1")
        #expect(try await second.value == "run 1")
        #expect(flown.counter.count == 1)
    }

    @Test(arguments: [nil, Duration.seconds(10)])
    func `A hanging run does not block others forever`(limit: Duration?) async throws {
        let second = Gate()
        let flown = Flown(SingleFlight(waitLimit: limit)) { run, _ in
            if run == 2 { try await second.pass() }
            return .testing("run \(run)")
        }
        let hung = flown.request()
        await flown.gate.waitForArrivals(1)
        let early = flown.request()
        if limit != nil { await flown.clock.waitForSleepers(1) }
        await flown.settle()
        #expect(flown.counter.count == 1)
        flown.clock.advance(by: limit ?? .seconds(60))
        // With a limit the waiter has reached it too.
        let runs = limit == nil ? 2 : 3
        let late = flown.request()
        await flown.gate.waitForArrivals(runs)
        flown.gate.open()
        second.open()
        let texts = try await [hung.value, early.value, late.value]
        #expect(texts[0] == "run 1")
        #expect(texts[2] != "run 1")
        #expect(flown.counter.count == runs)
    }

    @Test func `Without single flight every miss runs the handler`() async throws {
        let flown = Flown(.disabled)
        let requests = (0..<3).map { _ in flown.request() }
        await flown.gate.waitForArrivals(3)
        flown.gate.open()
        for request in requests { _ = try await request.value }
        #expect(flown.counter.count == 3)
    }

    @Test func `Two machines with one store run the handler once`() async throws {
        let store = RecordingStore()
        let flight = SingleFlight(lockDuration: .seconds(5))
        let (first, second) = (Flown(flight, store: store), Flown(flight, store: store))
        let leader = first.request()
        await first.gate.waitForArrivals(1)
        let follower = second.request()
        await second.clock.waitForSleepers(1)
        first.gate.open()
        #expect(try await leader.value == "run 1")
        second.clock.advance(by: .milliseconds(100))
        #expect(try await follower.value == "run 1")
        #expect(second.counter.count == 0)
    }

    @Test func `A lock of a dead machine expires`() async throws {
        let store = RecordingStore()
        let key = try await KeyConstructor.safeDefault.key(for: .testing())
        #expect(await store.acquireLock(for: key, owner: "dead", duration: .seconds(5)))
        let flown = Flown(SingleFlight(lockDuration: .seconds(5)), store: store)
        flown.gate.open()
        let request = flown.request()
        for step in [Duration.milliseconds(4900), .milliseconds(100)] {
            await flown.clock.waitForSleepers(1)
            #expect(flown.counter.count == 0)
            flown.clock.advance(by: step)
        }
        #expect(try await request.value == "run 1")
    }
}

/// Counts concurrent executions of a section.
final class Recorder: Sendable {
    private let state = Mutex<(now: Int, most: Int)>((0, 0))

    var most: Int { state.withLock { $0.most } }

    func enter() {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() {
        state.withLock { $0.now -= 1 }
    }
}
