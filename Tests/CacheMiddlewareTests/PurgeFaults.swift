import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization

/// Helpers of the purge tests.
enum PurgeFaults {
    /// A store outside the process whose purges a closure controls.
    final class Store: LockingCacheStore {
        let store = RecordingStore()
        let onPurge: @Sendable (PurgeSelection) async throws -> Void
        let purgeCalls = Atomic(0)
        init(_ onPurge: @escaping @Sendable (PurgeSelection) async throws -> Void = { _ in }) { self.onPurge = onPurge }
        func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { await store.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws
            -> Bool
        {
            await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            purgeCalls.add(1, ordering: .relaxed)
            try await onPurge(selection)
            return await store.purge(selection, mode: mode)
        }
        func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
            await store.acquireLock(for: key, owner: owner, duration: duration)
        }
        func releaseLock(for key: CacheKey, owner: String) async throws {
            await store.releaseLock(for: key, owner: owner)
        }
    }

    static func drive(_ clock: ManualClock, _ seconds: Int) async {
        for _ in 0..<(seconds * 20) {
            for _ in 0..<60 { await Task.yield() }
            clock.advance(by: .milliseconds(50))
        }
        for _ in 0..<200 { await Task.yield() }
    }
    /// Performs a request while the clock advances.
    static func get(_ harness: EngineHarness, _ exchange: Exchange = .testing()) async throws -> Reply {
        let handler = harness.handler
        let done = Flag()
        let task = Task { () throws -> Reply in
            defer { done.set() }
            return try await handler(exchange)
        }
        while !done.isSet {
            for _ in 0..<200 where !done.isSet { await Task.yield() }
            if !done.isSet { harness.clock.advance(by: .milliseconds(10)) }
        }
        return try await task.value
    }
    final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }
    static func status(_ reply: Reply) -> String? { reply.headerFields[HTTPField.Name("Cache-Status")!] }
    /// A store that reads at once and returns when a test allows it.
    final class SlowRead: CacheStore {
        let store = RecordingStore()
        let gate = Gate()
        let isSlow = Atomic(false)
        let fails = Atomic(false)
        let purgeGate = Gate()
        let waits = Atomic(false)
        let failsReads = Atomic(false)
        func entry(for key: CacheKey) async throws -> CacheEntry? {
            if failsReads.load(ordering: .acquiring) { throw FailingStore.Failure() }
            let found = await store.entry(for: key)
            if isSlow.load(ordering: .acquiring) { try await gate.pass() }
            return found
        }
        func purgeMark() async throws -> PurgeMark {
            if failsReads.load(ordering: .acquiring) { throw FailingStore.Failure() }
            return await store.purgeMark()
        }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            await store.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            if fails.load(ordering: .acquiring) { throw FailingStore.Failure() }
            if waits.load(ordering: .acquiring) { try await purgeGate.pass() }
            return await store.purge(selection, mode: mode)
        }
    }
}
