#if Hummingbird
import CacheMiddleware
import KeyConstructor
import PipelineTesting

/// A store with a tier in memory.
final class TwoTiers: TieredCacheStore {
    let memoryTier: MemoryStore
    private let shared: MemoryStore

    init(clock: ManualTimeSource) {
        memoryTier = MemoryStore(byteLimit: 1 << 20, timeSource: clock)
        shared = MemoryStore(byteLimit: 1 << 20, timeSource: clock)
    }

    func entry(for key: CacheKey) async throws -> CacheEntry? {
        if let entry = memoryTier.entry(for: key) { return entry }
        return try await lookUpBehindMemory(key).entry
    }

    func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup {
        let mark = memoryTier.purgeMark()
        guard let entry = shared.entry(for: key) else { return StoreLookup(entry: nil) }
        return StoreLookup(
            entry: memoryTier.keep(entry, for: key, unlessPurgedSince: mark, upTo: .seconds(10)) ?? entry)
    }

    func purgeMark() async throws -> PurgeMark { shared.purgeMark() }

    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
        shared.store(entry, for: key, unlessPurgedSince: mark)
    }

    func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        let count = await shared.purge(selection, mode: mode)
        _ = await memoryTier.purge(selection, mode: mode)
        return count
    }
}
#endif
