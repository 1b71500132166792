import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import PipelineSettings
import PipelineTesting

extension SettingEffect {
    /// The effects of settings on the stores and on requests that wait.
    static let stores: [SettingEffect] = [
        .init("cache.store", "other", from: "default", to: "other") { settings in
            let (first, other) = (RecordingStore(), RecordingStore())
            _ = try await Service(settings, store: first, other: other)()
            return first.operations.isEmpty ? "other" : other.operations.isEmpty ? "default" : "both"
        },
        .init("cache.singleFlight", "false", from: "1 run", to: "2 runs") { settings in
            try await runsOfTwo(settings) { _, service, gate in
                // Without waiting the second request comes to the gate; with it nobody else ever does.
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
        .init("cache.storeTimeout", "0.1", from: "hangs", to: "answers") { settings in
            let store = HangingStore()
            let service = Service(settings, store: store)
            let answer = Task { try await service().text() }
            // The look-up takes all the time that a store has, and nothing is left for the mark.
            await store.waitForOperations(1)
            await service.clock.waitForSleepers(1)
            service.clock.advance(by: .milliseconds(100))
            if settings.cache.storeTimeout > .milliseconds(100) {
                let isWaiting = service.clock.sleeperCount == 1
                answer.cancel()
                _ = try? await answer.value
                return isWaiting ? "hangs" : "answers"
            }
            _ = try await answer.value
            return "answers"
        },
        .init("cache.breakerFailureThreshold", "2", from: "5 operations", to: "2 operations") { settings in
            let store = CountingStore()
            let service = Service(settings, store: store)
            for _ in 1...5 { _ = try await service() }
            return "\(store.operations.count) operations"
        },
        .init("cache.breakerPause", "10", from: "asked again", to: "left alone") { settings in
            let store = CountingStore()
            let service = Service(settings, store: store)
            for _ in 1...5 { _ = try await service() }
            let count = store.operations.count
            service.clock.advance(by: .seconds(2))
            _ = try await service()
            return store.operations.count == count ? "left alone" : "asked again"
        },
    ]

    /// How often the handler runs for two requests at once, of which the first stands at a gate.
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

/// A store that fails, and counts how often it was asked.
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

/// A store that remembers for how long it was locked.
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
