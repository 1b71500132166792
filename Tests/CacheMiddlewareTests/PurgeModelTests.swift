import CacheMiddleware
import KeyConstructor
import PipelineTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct PurgeModelTests {
    /// A store whose operations fail while its flag is set.
    final class Faulty: CacheStore {
        let store: RecordingStore
        let fails = Atomic(false)

        let recordsPurges: Bool

        init(recordsPurges: Bool) {
            store = RecordingStore()
            self.recordsPurges = recordsPurges
        }

        private func check() async throws {
            await Task.yield()
            if fails.load(ordering: .acquiring), Bool.random() { throw FailingStore.Failure() }
        }

        func entry(for key: CacheKey) async throws -> CacheEntry? {
            try await check()
            return await store.entry(for: key)
        }
        func purgeMark() async throws -> PurgeMark {
            try await check()
            return await store.purgeMark()
        }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try await check()
            return await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            if recordsPurges { recordPurge() }
            try await check()
            return await store.purge(selection, mode: mode)
        }
    }

    /// One key for each URL; keys that ignore part of the query; several URLs for a key; several keys for a URL.
    static let keys: [KeyConstructor] = [
        .safeDefault,
        ["path": .path, "query": .queryParameters(ignoring: ["utm_*"])],
        ["view": .uniqueViewID],
        ["path": .path, "language": .language],
    ]

    @Test(arguments: keys, 0..<8)
    func `A memory store never serves a purged entry`(key: KeyConstructor, seed: Int) async throws {
        let time = ManualTimeSource()
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        let violations = try await PurgeModel(seed: UInt64(seed), store: store, key: key, time: time).run()
        #expect(violations.isEmpty)
    }

    @Test(arguments: keys, 0..<8)
    func `A store that sometimes fails never serves purged entries`(key: KeyConstructor, seed: Int) async throws {
        let store = Faulty(recordsPurges: seed % 2 == 0)
        var model = PurgeModel(seed: UInt64(seed), store: store, key: key)
        model.changeFault = { store.fails.store($0, ordering: .releasing) }
        let violations = try await model.run()
        #expect(violations.isEmpty)
    }

    @Test func `The model detects a store that ignores purges`() async throws {
        final class Forgetful: CacheStore {
            let store = RecordingStore()
            var isInProcess: Bool { true }
            func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
            func purgeMark() async throws -> PurgeMark { await store.purgeMark() }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool { await store.store(entry, for: key, unlessPurgedSince: nil) }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { 0 }
        }
        let violations = try await PurgeModel(seed: 1, store: Forgetful(), key: .safeDefault).run()
        #expect(!violations.isEmpty)
    }
}
