import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// Purges that fail, are slow or never end: entries that they select are not served, all others are.
@Suite(.timeLimit(.minutes(5))) struct PurgeRetryTests {
    typealias Store = PurgeFaults.Store
    typealias Flag = PurgeFaults.Flag
    typealias SlowRead = PurgeFaults.SlowRead

    @Test func `A slow purge runs once and restores caching`() async throws {
        // It takes longer than a request. Its path is cached again afterwards.
        let clock = ManualClock()
        let store = Store { _ in try await clock.sleep(for: .milliseconds(300)) }
        let harness = EngineHarness(store: store, clock: clock)
        _ = try await PurgeFaults.get(harness)
        _ = try await PurgeFaults.get(harness, .testing(.put))
        await PurgeFaults.drive(clock, 30)
        _ = try await PurgeFaults.get(harness)
        let reply = try await PurgeFaults.get(harness)
        #expect(
            PurgeFaults.status(reply) == "ResponseCache; hit",
            "after \(store.purgeCalls.load(ordering: .relaxed)) purges; stored: \(store.store.entries.count)")
    }

    @Test func `A failing purge leaves the store in use`() async throws {
        // For other paths.
        let store = Store { if case .url("/bad") = $0 { throw FailingStore.Failure() } }
        let harness = EngineHarness(store: store)
        _ = try await PurgeFaults.get(harness, .testing(.get, "/other"))
        #expect(
            PurgeFaults.status(try await PurgeFaults.get(harness, .testing(.get, "/other"))) == "ResponseCache; hit")
        _ = try await PurgeFaults.get(harness, .testing(.put, "/bad"))
        await PurgeFaults.drive(harness.clock, 10)
        for _ in 0..<5 {
            let reply = try await PurgeFaults.get(harness, .testing(.get, "/other"))
            #expect(PurgeFaults.status(reply) == "ResponseCache; hit")
            harness.clock.advance(by: .milliseconds(700))
            for _ in 0..<200 { await Task.yield() }
        }
    }

    @Test func `A failing purge does not delay other failed purges`() async throws {
        let fails = Atomic(true)
        let store = Store {
            if case .url("/bad") = $0 { throw FailingStore.Failure() }
            if fails.load(ordering: .relaxed) { throw FailingStore.Failure() }
        }
        let harness = EngineHarness(store: store, settings: .with { $0.breaker.failureThreshold = 1_000_000 })
        _ = try await PurgeFaults.get(harness, .testing(.put, "/bad"))
        for n in 0..<20 { _ = try await PurgeFaults.get(harness, .testing(.put, "/p\(n)")) }
        fails.store(false, ordering: .relaxed)
        var hits = 0
        // A busy machine performs fewer retries in the same seconds of the clock.
        for _ in 0..<10 where hits < 20 {
            await PurgeFaults.drive(harness.clock, 30)
            hits = 0
            for n in 0..<20 {
                _ = try await PurgeFaults.get(harness, .testing(.get, "/p\(n)"))
                let reply = try await PurgeFaults.get(harness, .testing(.get, "/p\(n)"))
                if PurgeFaults.status(reply) == "ResponseCache; hit" { hits += 1 }
            }
        }
        #expect(hits == 20)
    }

    @Test func `Retries of a hanging purge do not accumulate`() async throws {
        let hanging = Atomic(0)
        let kept = Mutex<[CheckedContinuation<Void, Never>]>([])
        let store = Store { _ in
            hanging.add(1, ordering: .relaxed)
            await withCheckedContinuation { continuation in kept.withLock { $0.append(continuation) } }
        }
        let harness = EngineHarness(store: store)
        _ = try await PurgeFaults.get(harness, .testing(.put))
        await PurgeFaults.drive(harness.clock, 60)
        let count = hanging.load(ordering: .relaxed)
        #expect(count < 5)
        for continuation in kept.withLock({ $0 }) { continuation.resume() }
    }

    @Test func `An earlier look-up ignores what a failed purge selects`() async throws {
        let store = SlowRead()
        let harness = EngineHarness(store: store)
        #expect(try await harness.text() == "run 1")
        store.fails.store(true, ordering: .releasing)
        _ = try await harness(.testing(.put))  // has returned; the purge is pending
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .milliseconds(400))
        store.isSlow.store(true, ordering: .releasing)
        let handler = harness.handler
        let read = Task { try await handler(.testing()).text() }
        await store.gate.waitForArrivals(1)
        store.fails.store(false, ordering: .releasing)
        harness.clock.advance(by: .milliseconds(100))
        try await waitUntil { store.store.entries.isEmpty }
        for _ in 0..<1000 { await Task.yield() }
        store.gate.open()
        #expect(try await read.value != "run 1", "the write had returned before this request began")
    }

    @Test func `A failing purge does not stop look-ups`() async throws {
        // For other paths.
        for threshold in [5, 1_000_000] {
            let store = Store { if case .url("/bad") = $0 { throw FailingStore.Failure() } }
            let harness = EngineHarness(store: store, settings: .with { $0.breaker.failureThreshold = threshold })
            _ = try await PurgeFaults.get(harness, .testing(.get, "/other"))
            _ = try await PurgeFaults.get(harness, .testing(.put, "/bad"))
            await PurgeFaults.drive(harness.clock, 10)
            let before = store.store.operations.count
            for _ in 0..<20 {
                _ = try await PurgeFaults.get(harness, .testing(.get, "/other"))
                await PurgeFaults.drive(harness.clock, 3)
            }
            print(
                "MEASURED threshold \(threshold): reads after 60 s: \(store.store.operations.count - before), purge calls \(store.purgeCalls.load(ordering: .relaxed))"
            )
        }
    }

    @Test func `A pending purge prevents stale responses for errors`() async throws {
        let store = SlowRead()
        let time = ManualTimeSource()
        let harness = EngineHarness(store: store, time: time, settings: .with { $0.stale.ifError = .seconds(3600) }) {
            run, exchange in
            if exchange.request.method == .put { return .testing("") }
            return run == 1 ? .testing("old") : .testing("failed", status: .serviceUnavailable)
        }
        _ = try await harness()
        time.advance(by: .seconds(61))
        store.fails.store(true, ordering: .releasing)
        _ = try await harness(.testing(.put))
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .milliseconds(400))
        store.isSlow.store(true, ordering: .releasing)
        let handler = harness.handler
        let read = Task { try await handler(.testing()).text() }
        await store.gate.waitForArrivals(1)
        store.fails.store(false, ordering: .releasing)
        harness.clock.advance(by: .milliseconds(100))
        try await waitUntil { store.store.entries.isEmpty }
        for _ in 0..<1000 { await Task.yield() }
        store.gate.open()
        #expect(try await read.value == "failed")
    }

    @Test func `A look-up during a slow purge serves no selected entry`() async throws {
        let store = SlowRead()
        let harness = EngineHarness(store: store, settings: .with { $0.storeTimeout = .seconds(1) })
        let handler = harness.handler
        _ = try await harness()
        store.waits.store(true, ordering: .releasing)
        // The handler of the write has used a store for 900 ms: the write waits 100 ms for the purge, which has a second.
        let write = Task {
            let exchange = Exchange.testing(.put)
            return try await handler(exchange)
        }
        await store.purgeGate.waitForArrivals(1)
        write.cancel()  // the client disconnects; for it the write has ended
        _ = try? await write.value
        store.isSlow.store(true, ordering: .releasing)
        let read = Task { try await handler(.testing()).text() }
        await store.gate.waitForArrivals(1)
        store.purgeGate.open()
        try await waitUntil { store.store.entries.isEmpty }
        for _ in 0..<1000 { await Task.yield() }
        store.gate.open()
        #expect(try await read.value != "run 1")
    }

    @Test func `A breaker probe serves no purged entry`() async throws {
        // Purged by a write before the probe.
        let store = SlowRead()
        let harness = EngineHarness(store: store)
        let handler = harness.handler
        #expect(try await harness.text() == "run 1")
        store.failsReads.store(true, ordering: .releasing)
        for _ in 0..<6 { _ = try await harness() }  // the breaker opens
        store.failsReads.store(false, ordering: .releasing)
        harness.clock.advance(by: .milliseconds(900))
        store.waits.store(true, ordering: .releasing)
        _ = try await harness(.testing(.put))  // returns; the purge runs in the background
        await store.purgeGate.waitForArrivals(1)
        harness.clock.advance(by: .milliseconds(100))
        store.isSlow.store(true, ordering: .releasing)
        let read = Task { try await handler(.testing()).text() }
        await store.gate.waitForArrivals(1)
        store.purgeGate.open()
        try await waitUntil { store.store.entries.isEmpty }
        for _ in 0..<1000 { await Task.yield() }
        store.gate.open()
        #expect(try await read.value != "run 1")
    }

    actor ActorStore: CacheStore {
        let base: Store
        init(_ base: Store) { self.base = base }
        func entry(for key: CacheKey) async throws -> CacheEntry? { try await base.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { try await base.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try await base.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            try await base.purge(selection, mode: mode)
        }
    }

    @Test func `A failed purge holds for two caches of an actor`() async throws {
        let fails = Flag()
        let store = ActorStore(Store { _ in if fails.isSet { throw FailingStore.Failure() } })
        let (reading, writing) = (EngineHarness(store: store), EngineHarness(store: store))
        _ = try await PurgeFaults.get(reading)
        fails.set()
        _ = try await PurgeFaults.get(writing, .testing(.put))
        #expect(try await PurgeFaults.get(reading).text() == "run 2")
    }
}
