import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// The time that a slow store takes from a request.
@Suite(.timeLimit(.minutes(5))) struct SlowStoreTests {
    /// A store whose operations each take some time of a clock.
    final class Slow: CacheStore {
        let store = RecordingStore()
        let clock: ManualClock
        let delay: Mutex<Duration>
        let operationTimeout: Duration?
        let purgeMarkCount = HandlerCounter()
        let operationCount = HandlerCounter()
        private let knowsMark: Bool

        init(clock: ManualClock, delay: Duration, operationTimeout: Duration? = nil, knowsMark: Bool = false) {
            self.clock = clock
            self.delay = Mutex(delay)
            self.operationTimeout = operationTimeout
            self.knowsMark = knowsMark
        }

        private func pass() async throws {
            operationCount.increment()
            let delay = delay.withLock { $0 }
            guard delay > .zero else { return }
            try await clock.sleep(for: min(delay, operationTimeout ?? delay))
            if let operationTimeout, delay > operationTimeout { throw StoreFailure.timedOut(operationTimeout) }
        }

        func entry(for key: CacheKey) async throws -> CacheEntry? {
            try await pass()
            return await store.entry(for: key)
        }
        func lookUp(_ key: CacheKey) async throws -> StoreLookup {
            let mark = knowsMark ? await store.purgeMark() : nil
            return StoreLookup(entry: try await entry(for: key), mark: mark)
        }
        func purgeMark() async throws -> PurgeMark {
            purgeMarkCount.increment()
            try await pass()
            return await store.purgeMark()
        }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try await pass()
            return await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            try await pass()
            return await store.purge(selection, mode: mode)
        }
    }

    /// The locks of a store that replies too late but has acquired them.
    final class LateLocks: LockingCacheStore {
        let slow: Slow

        init(_ slow: Slow) { self.slow = slow }

        func entry(for key: CacheKey) async throws -> CacheEntry? { await slow.store.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { await slow.store.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            await slow.store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            await slow.store.purge(selection, mode: mode)
        }
        func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
            try? await slow.clock.sleep(for: .seconds(10))
            return await slow.store.acquireLock(for: key, owner: owner, duration: duration)
        }
        func releaseLock(for key: CacheKey, owner: String) async throws {
            await slow.store.releaseLock(for: key, owner: owner)
        }

        /// Whether no owner holds the lock.
        func isFree(_ key: CacheKey) async -> Bool {
            guard await slow.store.acquireLock(for: key, owner: "test", duration: .seconds(1)) else { return false }
            await slow.store.releaseLock(for: key, owner: "test")
            return true
        }
    }

    /// The store timeout of the tests' caches.
    static let settings = CacheSettings.with {
        $0.storeTimeout = .milliseconds(100)
        $0.breaker = BreakerSettings(failureThreshold: 3, pause: .seconds(1))
    }

    /// Advances the clock in steps, each when the store and its timeout are sleeping.
    static func advance(_ clock: ManualClock, in steps: [Int]) async {
        for step in steps {
            await clock.waitForSleepers(2)
            clock.advance(by: .milliseconds(step))
        }
    }

    @Test func `A slow operation takes no longer than a hanging one`() async throws {
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .milliseconds(40))
        let harness = EngineHarness(store: store, clock: clock, settings: Self.settings)
        // The time after the look-up and the mark is not enough to store the response.
        for run in 1...5 {
            let text = Task { try await harness.text() }
            await Self.advance(clock, in: [40, 40, 20])
            #expect(try await text.value == "run \(run)")
        }
        #expect(store.store.entries.isEmpty)
        #expect(store.purgeMarkCount.count == 5, "a quick look-up in between keeps the breaker closed")
    }

    @Test func `A slow store opens the breaker until it is quick`() async throws {
        // A store that uses up the time of requests.
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .milliseconds(60))
        let harness = EngineHarness(store: store, clock: clock, settings: Self.settings)
        for _ in 1...3 {
            let text = Task { try await harness.text() }
            await Self.advance(clock, in: [60, 40])
            _ = try await text.value
        }
        _ = try await harness.text()
        #expect(clock.sleeperCount == 0, "no request waits")
        clock.advance(by: .seconds(1))
        let probe = Task { try await harness.text() }
        await Self.advance(clock, in: [60])
        #expect(try await probe.value == "run 5")
        _ = try await harness.text()
        #expect(clock.sleeperCount == 0, "the probe was too slow, so the breaker stays open")

        store.delay.withLock { $0 = .milliseconds(20) }
        clock.advance(by: .seconds(1))
        let text = Task { try await harness.text() }
        await Self.advance(clock, in: [20, 20, 20])
        #expect(try await text.value == "run 7")
        #expect(store.store.entries.count == 1)
    }

    @Test func `Slow look-ups within the time limit are hits`() async throws {
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .zero)
        let harness = EngineHarness(store: store, clock: clock, settings: Self.settings)
        _ = try await harness.text()
        store.delay.withLock { $0 = .milliseconds(90) }
        for _ in 1...5 {
            let text = Task { try await harness.text() }
            await Self.advance(clock, in: [90])
            #expect(try await text.value == "run 1")
        }
    }

    @Test func `Version stamp and look-up share the request's time`() async throws {
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .zero)
        let stamp = VersionStamp("cities", in: store, timeout: .milliseconds(100), runtime: .testing(clock: clock))
        try await stamp.touch()
        store.delay.withLock { $0 = .milliseconds(60) }
        let harness = EngineHarness(
            key: ["updated_at": .custom(VersionStampKeyBit(stamp))], store: store, clock: clock,
            settings: Self.settings)
        let text = Task { try await harness.text() }
        await Self.advance(clock, in: [60, 40])
        #expect(try await text.value == "run 1")
        #expect(clock.sleeperCount == 0)
    }

    @Test func `A slow version stamp counts, not the store without time`() async throws {
        let clock = ManualClock()
        let stamps = Slow(clock: clock, delay: .zero)
        let stamp = VersionStamp(
            "cities", in: stamps, timeout: .milliseconds(100),
            breaker: BreakerSettings(failureThreshold: 3, pause: .seconds(1)), runtime: .testing(clock: clock))
        try await stamp.touch()
        stamps.delay.withLock { $0 = .milliseconds(90) }
        let store = Slow(clock: clock, delay: .milliseconds(20))
        let harness = EngineHarness(
            key: ["updated_at": .custom(VersionStampKeyBit(stamp))], store: store, clock: clock,
            settings: Self.settings)
        for _ in 1...3 {
            let text = Task { try await harness.text() }
            await Self.advance(clock, in: [90, 10])
            _ = try await text.value
        }
        #expect(try await harness.status() == "ResponseCache; fwd=bypass", "without a key no request waits")
        #expect(clock.sleeperCount == 0)
        // The store itself is available: a cache whose keys need no stamp would use it.
        stamps.delay.withLock { $0 = .zero }
        clock.advance(by: .seconds(1))
        let text = Task { try await harness.text() }
        await Self.advance(clock, in: [20, 20, 20])
        #expect(try await text.value == "run 5")
        #expect(store.store.entries.count == 1)
    }

    @Test func `A hanging store counts after other quick ones`() async throws {
        // They have taken most of the time, none of it slowly.
        let clock = ManualClock()
        let stamps = Slow(clock: clock, delay: .zero)
        let names = ["cities", "countries"].map {
            VersionStamp($0, in: stamps, timeout: .milliseconds(100), runtime: .testing(clock: clock))
        }
        for name in names { try await name.touch() }
        stamps.delay.withLock { $0 = .milliseconds(30) }
        let store = Slow(clock: clock, delay: .seconds(10))
        let harness = EngineHarness(
            key: ["first": .custom(VersionStampKeyBit(names[0])), "second": .custom(VersionStampKeyBit(names[1]))],
            store: store, clock: clock, settings: Self.settings)
        for _ in 1...3 {
            let text = Task { try await harness.text() }
            await Self.advance(clock, in: [30, 30, 40])
            _ = try await text.value
        }
        #expect(store.operationCount.count == 3)
        let text = Task { try await harness.text() }
        await Self.advance(clock, in: [30, 30])
        #expect(try await text.value == "run 4")
        #expect(store.operationCount.count == 3, "the breaker is open")
    }

    @Test func `A lock that arrives late is released`() async throws {
        let clock = ManualClock()
        let store = LateLocks(Slow(clock: clock, delay: .zero))
        var settings = Self.settings
        settings.singleFlight = SingleFlight(lockDuration: .seconds(5))
        let key: KeyConstructor = ["path": .path]
        let harness = EngineHarness(key: key, store: store, clock: clock, settings: settings) { run, exchange in
            guard let key = try? await key.key(for: exchange) else { return .testing("no key") }
            try await waitUntil { await !store.isFree(key) }
            return .testing("run \(run)")
        }
        let text = Task { try await harness.text() }
        await clock.waitForSleepers(2)
        clock.advance(by: .milliseconds(100))
        #expect(try await text.value == "run 1")
        await harness.background.waitUntilIdle()
        let isFree = await store.isFree(try await key.key(for: .testing()))
        #expect(isFree)
    }

    @Test func `A stamp queries its store once per request`() async throws {
        let store = RecordingStore()
        let stamp = VersionStamp("cities", in: store)
        let exchange = Exchange.testing()
        let first = try await stamp.current(for: exchange)
        #expect(try await stamp.current(for: exchange) == first)
        _ = try await stamp.lastTouched(for: exchange)
        #expect(store.operations.count == 2, "it was looked up, missed and stored")
        try await stamp.touch()
        #expect(try await stamp.current(for: exchange) == first)
        exchange.memo.removeAll()
        #expect(try await stamp.current(for: exchange) != first)
    }

    @Test func `A store's own timeout counts when it is shorter`() async throws {
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .milliseconds(20), operationTimeout: .milliseconds(30))
        let harness = EngineHarness(store: store, clock: clock, settings: Self.settings)
        let text = Task { try await harness.text() }
        // The look-up, which the store itself ends in time, and the mark, with 10 ms left.
        await clock.waitForSleepers(1)
        #expect(clock.sleeperCount == 1, "no time is measured")
        clock.advance(by: .milliseconds(20))
        await Self.advance(clock, in: [10])
        #expect(try await text.value == "run 1")
        #expect(clock.sleeperCount == 0)
    }

    @Test func `A mark from the look-up saves an operation`() async throws {
        // It keeps out what was purged since.
        let store = Slow(clock: ManualClock(), delay: .zero, knowsMark: true)
        let harness = EngineHarness(store: store, tags: ["cities"]) { run, _ in
            if run == 1 { _ = await store.store.purge(.tag("cities"), mode: .hard) }
            return .testing("run \(run)")
        }
        _ = try await harness.text()
        #expect(store.store.entries.isEmpty, "it was purged while it was generated")
        _ = try await harness.text()
        #expect(try await harness.text() == "run 2")
        #expect(store.purgeMarkCount.count == 0)
    }

    @Test func `Purges of one write run concurrently`() async throws {
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .milliseconds(40))
        let harness = EngineHarness(
            store: store, purgesTags: ["red", "blue", "green"], clock: clock, settings: Self.settings)
        let reply = Task { try await harness(.testing(.put)) }
        // Each with its timeout, and the request with its own.
        await clock.waitForSleepers(9)
        clock.advance(by: .milliseconds(40))
        _ = try await reply.value
        #expect(store.store.operations.count == 4)
    }

    @Test func `A write waits for purges only within its time`() async throws {
        // They are completed all the same.
        let clock = ManualClock()
        let store = Slow(clock: clock, delay: .milliseconds(60))
        let stamp = VersionStamp("cities", in: store, timeout: .milliseconds(100), runtime: .testing(clock: clock))
        let key: KeyConstructor = ["updated_at": .custom(VersionStampKeyBit(stamp))]
        let harness = EngineHarness(store: store, clock: clock, settings: Self.settings) { run, exchange in
            // Like an entity tag of the state before the write.
            _ = try? await key.key(for: exchange)
            return .testing("run \(run)")
        }
        let text = Task { try await harness.text(.testing(.put)) }
        // The stamp, and a new one with 40 ms left.
        await Self.advance(clock, in: [60, 40])
        #expect(try await text.value == "run 1", "no time is left for the purge")
        await clock.waitForSleepers(2)
        clock.advance(by: .milliseconds(60))
        try await waitUntil { store.store.operations.contains(.purge(.url("/"), .hard)) }
    }
}
