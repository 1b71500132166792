import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import PipelineSettings
import PipelineTesting

extension SettingEffect {
    /// The effects of settings on stores and waiting requests.
    static let stores: [SettingEffect] = [
        .init("cache.store", "other", from: "default", to: "other") { settings in
            let (first, other) = (RecordingStore(), RecordingStore())
            _ = try await Service(settings, store: first, other: other)()
            return first.operations.isEmpty ? "other" : other.operations.isEmpty ? "default" : "both"
        },
        .init("cache.singleFlight", "false", from: "1 run", to: "2 runs") { settings in
            try await runsOfTwo(settings) { _, service, gate in
                // Without waiting the second request reaches the gate; with waiting no other request does.
                if !settings.cache.singleFlight.isEnabled { await gate.waitForArrivals(2) }
            }
        },
        .init("cache.waitLimit", "3", from: "1 run", to: "2 runs") { settings in
            try await runsOfTwo(settings) { second, service, gate in
                guard settings.cache.singleFlight.waitLimit != nil else { return }
                await service.clock.waitForSleepers(1)
                service.clock.advance(by: .seconds(3))
                await gate.waitForArrivals(2)
            }
        },
        .init("cache.lockDuration", "5", from: "none", to: "5.0 seconds") { settings in
            let store = LockWatch()
            _ = try await Service(settings, store: store)()
            return await store.duration.map { "\($0)" } ?? "none"
        },
        .init("cache.storeTimeout", "0.1", from: "hangs", to: "responds") { settings in
            let store = HangingStore()
            let service = Service(settings, store: store)
            let request = Task { try await service().text() }
            // The look-up uses the whole timeout, and no time is left for the mark.
            await store.waitForOperations(1)
            await service.clock.waitForSleepers(1)
            service.clock.advance(by: .milliseconds(100))
            if settings.cache.storeTimeout > .milliseconds(100) {
                let isWaiting = service.clock.sleeperCount == 1
                request.cancel()
                _ = try? await request.value
                return isWaiting ? "hangs" : "responds"
            }
            _ = try await request.value
            return "responds"
        },
        .init("cache.breakerFailureThreshold", "2", from: "5 operations", to: "2 operations") { settings in
            let store = CountingStore()
            let service = Service(settings, store: store)
            for _ in 1...5 { _ = try await service() }
            return "\(store.operations.count) operations"
        },
        .init("cache.breakerPause", "10", from: "closed", to: "open") { settings in
            let store = CountingStore()
            let service = Service(settings, store: store)
            for _ in 1...5 { _ = try await service() }
            let count = store.operations.count
            service.clock.advance(by: .seconds(2))
            _ = try await service()
            return store.operations.count == count ? "open" : "closed"
        },
    ]

    /// Returns how often the handler runs for two concurrent requests, of which the first waits at a gate.
    private static func runsOfTwo(
        _ settings: Settings,
        _ meanwhile: (Task<String, any Error>, Service, Gate) async throws -> Void
    ) async throws -> String {
        let gate = Gate()
        let service = Service(settings) { run, _ in
            try await gate.pass()
            return .testing("run \(run)")
        }
        let first = Task { try await service().text() }
        await gate.waitForArrivals(1)
        let second = Task { try await service().text() }
        try await meanwhile(second, service, gate)
        gate.open()
        _ = try await (first.value, second.value)
        return service.runs.count == 1 ? "1 run" : "\(service.runs.count) runs"
    }
}

/// A store that fails and counts its operations.
private struct CountingStore: CacheStore {
    let operations = HandlerCounter()

    private func fail() -> FailingStore.Failure {
        operations.increment()
        return FailingStore.Failure()
    }

    func entry(for key: CacheKey) async throws -> CacheEntry? { throw fail() }
    func purgeMark() async throws -> PurgeMark { throw fail() }
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
        throw fail()
    }
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { throw fail() }
}

/// A store that records the durations of its locks.
private actor LockWatch: LockingCacheStore {
    private let store = RecordingStore()
    private(set) var duration: Duration?

    func entry(for key: CacheKey) async -> CacheEntry? { await store.entry(for: key) }
    func purgeMark() async -> PurgeMark { await store.purgeMark() }
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async -> Bool {
        await store.store(entry, for: key, unlessPurgedSince: mark)
    }
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async -> Int? {
        await store.purge(selection, mode: mode)
    }
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> Bool {
        self.duration = duration
        return true
    }
    func releaseLock(for key: CacheKey, owner: String) async {}
}
