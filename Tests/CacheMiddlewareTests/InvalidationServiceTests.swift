import CacheMiddleware
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct InvalidationServiceTests {
    /// A store outside of the process that can fail.
    private final class FlakyStore: CacheStore {
        struct Away: Error {}

        let isAway = Atomic(false)
        let base = RecordingStore()

        func entry(for key: CacheKey) async throws -> CacheEntry? { try await reached.entry(for: key) }
        func purgeMark() async throws -> PurgeMark { try await reached.purgeMark() }
        func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
            try await reached.store(entry, for: key, unlessPurgedSince: mark)
        }
        func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
            try await reached.purge(selection, mode: mode)
        }

        private var reached: RecordingStore {
            get throws {
                guard !isAway.load(ordering: .acquiring) else { throw Away() }
                return base
            }
        }

        var purges: [PurgeSelection] {
            base.operations.compactMap { if case .purge(let selection, _) = $0 { selection } else { nil } }
        }
    }

    @Test func `An invalidation purges and touches exactly once`() async throws {
        let store = RecordingStore()
        let stamps = [VersionStamp("cities", in: store), VersionStamp("countries", in: store)]
        let service = InvalidationService(in: store)
        let before = [try await stamps[0].current(), try await stamps[1].current()]
        await service.invalidate([.tag("cities"), .url("/cities/1")], mode: .soft, touching: [stamps[0]])
        #expect(try await stamps[0].current() != before[0])
        #expect(try await stamps[1].current() == before[1])
        await service.invalidate()
        let purges = store.operations.filter { if case .purge = $0 { true } else { false } }
        #expect(Set(purges) == [.purge(.tag("cities"), .soft), .purge(.url("/cities/1"), .soft)])
        #expect(purges.count == 2)
    }

    @Test func `A failed invalidation is retried until the store recovers`() async throws {
        let clock = ManualClock()
        let store = FlakyStore()
        var runtime = CacheRuntime()
        runtime.clock = clock
        let stamp = VersionStamp("cities", in: store, runtime: runtime)
        let service = InvalidationService(in: store, runtime: runtime)
        let before = try await stamp.current()

        store.isAway.store(true, ordering: .releasing)
        for _ in 0..<3 { await service.invalidate([.tag("cities")], touching: [stamp]) }
        #expect(runtime.background.count == 1, "one task retries all touches")
        // Another process reads the stamp from the store.
        let other = VersionStamp("cities", in: store)
        store.isAway.store(false, ordering: .releasing)
        #expect(try await other.current() == before)

        while runtime.background.count > 0 || store.purges.isEmpty {
            clock.advance(by: .milliseconds(500))
            await Task.yield()
        }
        #expect(try await other.current() != before)
        #expect(store.purges == [.tag("cities")])
    }

    @Test func `A touch is retried without room for background work`() async throws {
        let clock = ManualClock()
        let store = FlakyStore()
        var runtime = CacheRuntime(background: BackgroundWork(limit: 0))
        runtime.clock = clock
        let stamps = (0..<2).map { _ in VersionStamp("cities", in: store, runtime: runtime) }
        let before = try await stamps[0].current()
        store.isAway.store(true, ordering: .releasing)
        await InvalidationService(in: store, runtime: runtime).invalidate(touching: stamps)
        store.isAway.store(false, ordering: .releasing)
        let other = VersionStamp("cities", in: store)
        while try await other.current() == before {
            clock.advance(by: .milliseconds(500))
            await Task.yield()
        }
    }

    @Test func `A cancelled caller still invalidates`() async throws {
        let store = FlakyStore()
        let stamp = VersionStamp("cities", in: store)
        let service = InvalidationService(in: store)
        let before = try await stamp.current()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await service.invalidate([.tag("cities")], touching: [stamp])
        }
        await task.value
        #expect(store.purges == [.tag("cities")])
        #expect(try await stamp.current() != before)
    }
}
