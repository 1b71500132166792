import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// A hit whose response an adapter may send again.
final class CachedHit: ReusableHit {
    private let key: CacheKey
    /// Identifies the entry: every stored entry has its own, which a purge, a replacement and an eviction end.
    private let life: EntryLife
    private let store: StoreAccess
    private let observer: CacheObserver
    private let timeSource: any TimeSource
    /// The index of the route in the counters.
    private let route: Int
    private let storedAt: Int64
    private let initialAge: Int
    /// The time from which the entry is stale or may be refreshed early, in nanoseconds.
    private let end: Int64

    /// Creates a hit.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    ///   - life: Its life.
    ///   - end: The time from which the ordinary path handles requests.
    ///   - source: The access to the store, the observer, the clock and the index of the route.
    init(
        _ entry: CacheEntry, key: CacheKey, life: EntryLife, until end: Int64,
        source: (store: StoreAccess, observer: CacheObserver, timeSource: any TimeSource, route: Int)
    ) {
        self.key = key
        self.life = life
        self.end = end
        (store, observer, timeSource, route) = source
        storedAt = entry.storedAt.nanoseconds
        initialAge = entry.age(at: entry.storedAt)
    }

    var isOver: Bool { life.isOver }

    func use() -> HitUse {
        guard !life.isOver else { return .over }
        guard let memory = store.immediateFront else { return .skipped }
        let now = timeSource.now.nanoseconds
        guard now < end else { return .over }
        // The look-up counts as one, marks the entry as used, and finds that the store's own time limit has ended.
        guard memory.entry(for: key)?.variants.life === life else { return .over }
        let (elapsed, overflow) = now.subtractingReportingOverflow(storedAt)
        let resident = overflow ? (now < storedAt ? 0 : .max) : max(0, elapsed) / 1_000_000_000
        let maximum = DeltaSeconds.maximum
        return .usable(age: min(maximum, initialAge + Int(min(Int64(maximum), resident))))
    }

    func count(_ requests: Int) { observer.answered(requests, at: route) }
}

extension CacheEngine {
    /// Records a hit, or the reason why its response must not be sent again.
    ///
    /// - Returns: Whether it may be.
    @inline(never)
    func record(
        _ entry: CacheEntry, key: CacheKey, for exchange: Exchange, at moment: Timestamp, in recorder: HitRecorder
    ) -> Bool {
        let end = endOfReuse(of: entry)
        let life = store.front == nil ? nil : entry.variants.life
        let isDue = moment.nanoseconds >= end
        guard let life, !isDue, refusal(of: entry, for: exchange) == nil else {
            recorder.refuse(refusal(of: entry, for: exchange) ?? (isDue ? .refresh : .store))
            return false
        }
        let hit = CachedHit(
            entry, key: key, life: life, until: end,
            source: (store, observer, runtime.timeSource, observer.counters.index(of: exchange)))
        recorder.record(hit, for: exchange, bodies: entry.variants)
        return true
    }

    private func refusal(of entry: CacheEntry, for exchange: Exchange) -> ReuseRefusal? {
        guard settings.answersBelowFramework else { return .route }
        if exchange.userID != nil { return .user }
        let fields = exchange.request.headerFields
        if settings.credentialFields.contains(where: { fields.contains($0) }) { return .credentials }
        guard rules.keyInputs.followsFromRequest else { return .key }
        if settings.sharing == .perUser { return .private }
        let directives = CacheDirectives(entry.headerFields)
        if directives.contains("private") || directives.contains("no-store") || entry.headerFields.contains(.setCookie)
        {
            return .private
        }
        if entry.headerFields.members(of: .vary).contains(where: { $0.hasBytes(of: "*") }) { return .private }
        if observer.reportsEachDecision || settings.sendsStatus && settings.explainsStatus { return .observed }
        return entry.isThrownError ? .error : nil
    }

    /// Returns the time from which the ordinary path handles requests: the entry is stale, or a request may start an early refresh.
    private func endOfReuse(of entry: CacheEntry) -> Int64 {
        let ends = [entry.freshUntil, entry.expiresAt].compactMap(\.self)
        guard let end = ends.min() else { return .max }
        guard settings.stale.earlyRefresh > 0 else { return end.nanoseconds }
        // The logarithm of the smallest random number is -36.8, so no request before this time starts a refresh.
        let lead = (entry.computationTime / .seconds(1)) * settings.stale.earlyRefresh * 37
        return (end + .seconds(-min(lead, 1e9))).nanoseconds
    }
}
