import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct FailingStoreTests {
    /// A store that fails while its flag is set, and counts its operations.
    final class Moody: CacheStore {
        let store = RecordingStore()
        let operations = HandlerCounter()
        let isFailing = Mutex(true)

        private func check() throws {
            operations.increment()
            if isFailing.withLock({ $0 }) { throw FailingStore.Failure() }
        }

        func entry(for key: CacheKey) async throws -> CacheEntry? {
            try check()
            return await store.entry(for: key)
        }
        func purgeMark() async throws -> PurgeMark {
            try check()
            return await store.purgeMark()
        }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try check()
            return await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            try check()
            return await store.purge(selection, mode: mode)
        }
    }

    @Test func `Repeated failures open the breaker, which then probes once`() async throws {
        let store = Moody()
        let harness = EngineHarness(
            store: store,
            settings: .with {
                $0.breaker = BreakerSettings(failureThreshold: 4, pause: .seconds(10))
            })
        for run in 1...10 { #expect(try await harness.text() == "run \(run)") }
        #expect(store.operations.count == 4)
        harness.clock.advance(by: .seconds(10))
        _ = try await harness()
        #expect(store.operations.count == 5, "one probe")
        store.isFailing.withLock { $0 = false }
        _ = try await harness()
        #expect(store.operations.count == 5, "the probe failed, so the breaker stays open")
        harness.clock.advance(by: .seconds(10))
        #expect(try await harness.status() == "ResponseCache; fwd=uri-miss; stored")
        #expect(try await harness.status() == "ResponseCache; hit")
    }

    @Test func `A success resets the failure count`() async throws {
        let store = Moody()
        let harness = EngineHarness(
            store: store,
            settings: .with {
                $0.breaker = BreakerSettings(failureThreshold: 4, pause: .seconds(10))
            })
        for _ in 0..<3 {
            store.isFailing.withLock { $0 = true }
            _ = try await harness()
            store.isFailing.withLock { $0 = false }
            _ = try await harness.store.entry(for: CacheKey(high: 0, low: 0))
            _ = try await harness()
        }
        #expect(try await harness.status() == "ResponseCache; hit")
    }

    @Test func `A hanging store is a miss after the timeout`() async throws {
        let store = HangingStore()
        let harness = EngineHarness(
            store: store,
            settings: .with {
                $0.storeTimeout = .milliseconds(100)
                $0.breaker = BreakerSettings(failureThreshold: 2, pause: .seconds(60))
            })
        let handler = harness.handler
        for run in 1...2 {
            let request = Task { try await handler(.testing()).text() }
            // The look-up. No time is left for the mark.
            await harness.clock.waitForSleepers(1)
            harness.clock.advance(by: .milliseconds(100))
            #expect(try await request.value == "run \(run)")
        }
        // From now on the store is skipped, and no request waits.
        #expect(try await harness.text() == "run 3")
        #expect(harness.clock.sleeperCount == 0)
    }

    @Test func `A hanging store also opens the breaker with another clock`() async throws {
        // The clock advances continuously.
        let store = HangingStore()
        let counter = HandlerCounter()
        let handler = Pipeline {
            CacheResponseMiddleware(
                .minutes(1), key: ["path": .path], in: store, runtime: .testing(clock: ContinuousClock())
            ) {
                $0.storeTimeout = .milliseconds(5)
                $0.breaker = BreakerSettings(failureThreshold: 2, pause: .seconds(3600))
            }
        }.wrap { _ in .testing("run \(counter.increment())") }
        for run in 1...2 { #expect(try await handler(.testing()).text() == "run \(run)") }
        await store.waitForOperations(2)
        let status = try await handler(.testing()).headerFields[HTTPField.Name("Cache-Status")!]
        #expect(status == "ResponseCache; fwd=uri-miss", "\(status ?? "") without asking the store")
        #expect(store.operationCount == 2)
    }

    @Test func `A cancelled request is not a failure of the store`() async throws {
        let store = HangingStore()
        let harness = EngineHarness(store: store, settings: .with { $0.breaker.failureThreshold = 1 })
        let handler = harness.handler
        let request = Task { try await handler(.testing()).text() }
        await harness.clock.waitForSleepers(1)
        request.cancel()
        _ = try? await request.value
        let next = Task { try await handler(.testing()).text() }
        await store.waitForOperations(2)
        next.cancel()
        _ = try? await next.value
    }

    @Test func `A purge is sent while the breaker is open`() async throws {
        let store = Moody()
        let harness = EngineHarness(
            store: store, tags: ["a"], purgesTags: ["a"],
            settings: .with {
                $0.breaker = BreakerSettings(failureThreshold: 2, pause: .seconds(10))
                $0.purgesURL = false
            })
        store.isFailing.withLock { $0 = false }
        _ = try await harness()
        store.isFailing.withLock { $0 = true }
        for _ in 0..<2 { _ = try await harness() }
        store.isFailing.withLock { $0 = false }
        let operations = store.operations.count
        _ = try await harness()
        #expect(store.operations.count == operations, "the breaker is open")
        _ = try await harness(.testing(.put))
        await harness.background.waitUntilIdle()
        #expect(store.operations.count == operations + 1)
        #expect(store.store.entries.isEmpty)
    }

    @Test func `A failed purge is no error for the client`() async throws {
        let harness = EngineHarness(store: FailingStore(), purgesTags: ["a"])
        #expect(try await harness.text(.testing(.put)) == "run 1")
    }

    @Test func `A response is not stored when purge order is unknown`() async throws {
        final class Markless: CacheStore {
            let store = RecordingStore()
            func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
            func purgeMark() async throws -> PurgeMark { throw FailingStore.Failure() }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool { await store.store(entry, for: key, unlessPurgedSince: mark) }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { nil }
        }
        let harness = EngineHarness(store: Markless())
        #expect(try await harness.status() == "ResponseCache; fwd=uri-miss")
        #expect(try await harness.text() == "run 2")
    }
}
