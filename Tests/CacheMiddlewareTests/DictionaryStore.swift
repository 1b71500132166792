import CacheMiddleware
import HTTPPipeline
import KeyConstructor

// The example of the guide "Recipes".

actor DictionaryStore: CacheStore {
    private let timeSource: any TimeSource
    private var entries: [CacheKey: CacheEntry] = [:]
    private var purges: [PurgeSelection] = []
    private var purgeCount: UInt64 = 0

    init(timeSource: any TimeSource = SystemTimeSource()) {
        self.timeSource = timeSource
    }

    func entry(for key: CacheKey) -> CacheEntry? {
        guard let entry = entries[key], !entry.hasExpired(at: timeSource.now) else { return nil }
        return entry
    }

    func purgeMark() -> PurgeMark { PurgeMark(rawValue: purgeCount) }

    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) -> Bool {
        if let mark {
            // The last 1,000 purges are known. A response that is older than those is not stored.
            let missed = purgeCount - mark.rawValue
            guard missed <= purges.count else { return false }
            guard !purges.suffix(Int(missed)).contains(where: { $0.selects(entry, under: key) }) else { return false }
        }
        entries[key] = entry
        return true
    }

    func purge(_ selection: PurgeSelection, mode: PurgeMode) -> Int? {
        let selection = selection.normalized
        purges = purges.suffix(999) + [selection]
        purgeCount += 1
        let selected = entries.filter { selection.selects($0.value, under: $0.key) }
        for (key, var entry) in selected {
            entry.makeStale(at: timeSource.now)
            entries[key] = mode == .hard ? nil : entry
        }
        return selected.count
    }
}
