import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// A request that starts after a purge or a successful write has returned never gets a purged response.
@Suite(.timeLimit(.minutes(1))) struct PurgePromiseTests {
    static let ignoringKey: KeyConstructor = [
        "view": .uniqueViewID, "path": .path, "query": .queryParameters(ignoring: ["utm_*"]),
    ]

    @Test(
        "A write purges its path, whatever URL stored the entry and however the write spells it",
        arguments: ["/articles/1?utm_source=x", "/articles/1", "/articles/1?b=2&a=1"],
        [
            "/articles/1", "/articles/1?", "/articles/1?notify=1", "/articles/1/", "//articles/%31",
            "/articles/1?a=1&b=2",
        ])
    func spellings(stored: String, written: String) async throws {
        let harness = EngineHarness(key: Self.ignoringKey)
        #expect(try await harness.text(.testing(.get, stored)) == "run 1")
        _ = try await harness(.testing(.put, written))
        #expect(try await harness.text(.testing(.get, stored)) == "run 3")
        _ = try await harness.store.purge(.url(written), mode: .hard)
        #expect(try await harness.text(.testing(.get, stored)) == "run 4")
    }

    @Test func `An entry is served only for its purge path`() async throws {
        // The key contains no path: all paths have one key.
        let harness = EngineHarness(key: ["view": .uniqueViewID]) { run, exchange in
            .testing("\(exchange.request.path ?? "") in run \(run)")
        }
        #expect(try await harness.text(.testing(.get, "/a")) == "/a in run 1")
        #expect(try await harness.text(.testing(.get, "/a/?x=1")) == "/a in run 1")
        #expect(try await harness.text(.testing(.get, "/b")) == "/b in run 2")
        #expect(try await harness.text(.testing(.get, "/b")) == "/b in run 2")
        _ = try await harness(.testing(.put, "/b"))
        #expect(try await harness.text(.testing(.get, "/b")) == "/b in run 4")
        #expect(try await harness.text(.testing(.get, "/a")) == "/a in run 5")
    }

    @Test func `Without path purges an entry serves every path`() async throws {
        // Of its key.
        let harness = EngineHarness(key: ["view": .uniqueViewID], settings: .with { $0.purgesURL = false })
        #expect(try await harness.text(.testing(.get, "/a")) == "run 1")
        #expect(try await harness.text(.testing(.get, "/b")) == "run 1")
    }

    @Test func `Concurrent requests for two paths do not share responses`() async throws {
        // Under one key.
        let gate = Gate()
        let harness = EngineHarness(key: ["view": .uniqueViewID]) { _, exchange in
            try await gate.pass()
            return .testing(exchange.request.path ?? "")
        }
        let handler = harness.handler
        let requests = ["/a", "/b"].map { path in Task { try await handler(.testing(.get, path)).text() } }
        await gate.waitForArrivals(2)
        gate.open()
        #expect(try await requests[0].value == "/a")
        #expect(try await requests[1].value == "/b")
    }

    @Test func `A request after a write shares no older run`() async throws {
        // While the store is down.
        let gate = Gate()
        let version = Atomic(1)
        let harness = EngineHarness(store: FailingStore()) { _, exchange in
            guard exchange.request.method == .get else {
                version.store(2, ordering: .sequentiallyConsistent)
                return Reply(status: .noContent)
            }
            let read = version.load(ordering: .sequentiallyConsistent)
            if read == 1 { try await gate.pass() }
            return .testing("v\(read)")
        }
        let handler = harness.handler
        let old = Task { try await handler(.testing()).text() }
        await gate.waitForArrivals(1)
        _ = try await handler(.testing(.put))
        let new = Task { try await handler(.testing()).text() }
        for _ in 0..<200 { await Task.yield() }
        gate.open()
        #expect(try await old.value == "v1")
        #expect(try await new.value == "v2")
    }

    @Test func `Without purges requests share runs during an outage`() async throws {
        let gate = Gate()
        let harness = EngineHarness(store: FailingStore()) { run, _ in
            try await gate.pass()
            return .testing("run \(run)")
        }
        let handler = harness.handler
        let requests = (0..<10).map { _ in Task { try await handler(.testing()).text() } }
        await gate.waitForArrivals(1)
        for _ in 0..<200 { await Task.yield() }
        gate.open()
        for request in requests { #expect(try await request.value == "run 1") }
    }

    /// A store without marks, like one that fails sometimes.
    final class Unmarked: CacheStore {
        let recordsPurges: Bool

        init(recordsPurges: Bool) { self.recordsPurges = recordsPurges }

        func entry(for key: CacheKey) async throws -> CacheEntry? { nil }
        func purgeMark() async throws -> PurgeMark { throw FailingStore.Failure() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            false
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            if recordsPurges { recordPurge() }
            return nil
        }
    }

    @Test(arguments: [true, false])
    func `A direct purge of a failing store prevents sharing`(recordsPurges: Bool) async throws {
        // Runs from before it are not shared.
        let (store, gate) = (Unmarked(recordsPurges: recordsPurges), Gate())
        let harness = EngineHarness(store: store) { run, _ in
            try await gate.pass()
            return .testing("run \(run)")
        }
        let handler = harness.handler
        let early = Task { try await handler(.testing()).text() }
        await gate.waitForArrivals(1)
        _ = try await store.purge(.everything, mode: .hard)
        let late = Task { try await handler(.testing()).text() }
        for _ in 0..<200 { await Task.yield() }
        gate.open()
        #expect(try await early.value == "run 1")
        #expect(try await late.value == "run 2")
    }

    /// A store whose purges wait at a gate or fail.
    final class PurgeFault: CacheStore {
        enum Mode { case works, fails, hangs }

        let store = RecordingStore()
        let mode = Mutex(Mode.works)
        let gate = Gate()

        func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { await store.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            switch self.mode.withLock({ $0 }) {
            case .works: break
            case .fails: throw FailingStore.Failure()
            case .hangs: try await gate.pass()
            }
            return await store.purge(selection, mode: mode)
        }
    }

    @Test func `A failed purge holds and is retried`() async throws {
        let store = PurgeFault()
        let harness = EngineHarness(store: store)
        _ = try await harness()
        store.mode.withLock { $0 = .fails }
        _ = try await harness(.testing(.put))
        #expect(try await harness.text() == "run 3", "the entry is still in the store")
        #expect(store.store.entries.count == 1)
        #expect(try await harness.text() == "run 4", "and what is stored meanwhile may be purged with it")
        for _ in 0..<100 {
            harness.clock.advance(by: .milliseconds(500))
            await Task.yield()
        }
        #expect(!store.store.entries.isEmpty)
        store.mode.withLock { $0 = .works }
        try await waitUntil {
            harness.clock.advance(by: .milliseconds(500))
            return store.store.entries.isEmpty
        }
        try await waitUntil { try await harness.status() == "ResponseCache; hit" }
    }

    /// The same store, which retries failed purges itself.
    final class RetryingFault: PurgeRetryingStore {
        let fault: PurgeFault

        init(_ fault: PurgeFault) { self.fault = fault }

        func entry(for key: CacheKey) async throws -> CacheEntry? { try await fault.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { try await fault.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try await fault.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            try await fault.purge(selection, mode: mode)
        }
    }

    @Test(arguments: [false, true])
    func `A purge that outlasts its request holds afterwards`(isRetriedByStore: Bool) async throws {
        let store = PurgeFault()
        let harness = EngineHarness(store: isRetriedByStore ? RetryingFault(store) : store)
        let handler = harness.handler
        _ = try await harness()
        store.mode.withLock { $0 = .hangs }
        let write = Task { try await handler(.testing(.put)) }
        await store.gate.waitForArrivals(1)
        await harness.clock.waitForSleepers(2)
        harness.clock.advance(by: .milliseconds(249))
        #expect(try await harness.text() == "run 3", "also before")
        harness.clock.advance(by: .milliseconds(1))
        _ = try await write.value
        #expect(try await harness.text() != "run 1")
    }

    @Test func `A purge of all caches holds for each of them`() async throws {
        // The caches of one store.
        let store = PurgeFault()
        let (reading, writing) = (EngineHarness(store: store), EngineHarness(store: store))
        _ = try await reading()
        store.mode.withLock { $0 = .fails }
        _ = try await writing(.testing(.put))
        #expect(try await reading.text() == "run 2")
    }

    @Test func `A failed soft purge makes entries stale`() async throws {
        let store = PurgeFault()
        let harness = EngineHarness(
            store: store,
            settings: .with {
                $0.purgeMode = .soft
                $0.stale.whileRevalidating = .seconds(60)
            })
        _ = try await harness()
        store.mode.withLock { $0 = .fails }
        _ = try await harness(.testing(.put))
        #expect(try await harness.text() == "run 1")
        await harness.background.waitUntilIdle()
        #expect(harness.counter.count == 3, "it was refreshed")
    }

    /// A store that returns its mark when a test allows it.
    final class SlowMark: CacheStore {
        let store = RecordingStore()
        let gate = Gate()
        let isSlow = Atomic(false)

        var isInProcess: Bool { true }
        func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
        func purgeMark() async throws -> PurgeMark {
            if isSlow.load(ordering: .acquiring) { try await gate.pass() }
            return await store.purgeMark()
        }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            await store.purge(selection, mode: mode)
        }
    }

    @Test func `A purge also removes stale responses for errors`() async throws {
        // Requests after the purge do not get them.
        let store = SlowMark()
        let handlerGate = Gate()
        let harness = EngineHarness(store: store, settings: .with { $0.stale.ifError = .seconds(3600) }) { run, _ in
            guard run > 1 else { return .testing("purged") }
            try await handlerGate.pass()
            return .testing("failed", status: .serviceUnavailable)
        }
        let handler = harness.handler
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        store.isSlow.store(true, ordering: .releasing)
        // It has found the stale entry, and waits for the mark.
        let before = Task { try await handler(.testing()).text() }
        await store.gate.waitForArrivals(1)
        _ = try await store.purge(.url("/"), mode: .hard)
        store.gate.open()
        await handlerGate.waitForArrivals(1)
        let after = Task { try await handler(.testing()).text() }
        for _ in 0..<200 { await Task.yield() }
        handlerGate.open()
        #expect(try await before.value == "purged", "it began before the purge")
        #expect(try await after.value == "failed")
    }

    @Test func `Several machines start one refresh`() async throws {
        let store = RecordingStore()
        let time = ManualTimeSource()
        let gate = Gate()
        let settings = CacheSettings.with {
            $0.stale.whileRevalidating = .seconds(60)
            $0.singleFlight.lockDuration = .seconds(5)
        }
        let runs = HandlerCounter()
        let machines = (0..<4).map { _ in
            EngineHarness(store: store, time: time, settings: settings) { _, _ in
                let run = runs.increment()
                if run > 1 { try await gate.pass() }
                return .testing("run \(run)")
            }
        }
        _ = try await machines[0]()
        time.advance(by: .seconds(61))
        for machine in machines { #expect(try await machine.text() == "run 1") }
        await gate.waitForArrivals(1)
        // The others find the lock taken.
        try await waitUntil { machines.reduce(0, { $0 + $1.background.count }) <= 1 }
        gate.open()
        for machine in machines { await machine.background.waitUntilIdle() }
        for machine in machines { #expect(try await machine.text() == "run 2") }
        #expect(runs.count == 2)
    }
}
