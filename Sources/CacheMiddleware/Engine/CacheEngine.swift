import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// What a cache does with the exchanges of its route. The parts that decide are values of their own; this brings them together.
final class CacheEngine: Sendable {
    let settings: CacheSettings
    let timeout: CacheTimeout
    let key: CacheKeySource
    let tags: CacheTags
    let purgesTags: CacheTags
    let policy: StoragePolicy
    let store: StoreAccess
    let flights: FlightTable
    let runtime: CacheRuntime
    let observer: CacheObserver
    /// What a hit says when it says nothing that depends on it; made once.
    let hitStatus: HTTPField?
    /// Whether a request may be answered without waiting: no spans are taken, no request asks past the store, and keys are made at
    /// once.
    let isImmediate: Bool
    /// Whether any answer can be stored at all.
    let storesAnything: Bool

    /// After what time a run that has not ended keeps others from running the handler no longer, unless they wait for less.
    static let overdueDuration: Duration = .seconds(60)

    /// For how long requests of a key do not wait for each other when its answer was of no use to others.
    static let passDuration: Duration = .seconds(10)

    init(
        timeout: CacheTimeout,
        key: CacheKeySource,
        store: any CacheStore,
        tags: CacheTags,
        purgesTags: CacheTags,
        settings: CacheSettings,
        runtime: CacheRuntime
    ) {
        let timeout = if case .settings = timeout.source { settings.timeout } else { timeout }
        self.timeout = timeout
        self.key = settings.sharing == .perUser ? key.perUser : key
        self.tags = tags
        self.purgesTags = purgesTags
        self.settings = settings
        self.runtime = runtime
        flights = FlightTable(overdueAfter: settings.singleFlight.waitLimit ?? Self.overdueDuration)
        policy = StoragePolicy(separates: self.key.separates, settings: settings)
        observer = CacheObserver(name: settings.name, runtime: runtime)
        self.store = StoreAccess(store, settings: settings, runtime: runtime, observer: observer)
        hitStatus =
            settings.sendsStatus && !settings.explainsStatus ? CacheStatus.hit.field(cache: settings.name) : nil
        isImmediate = !observer.isTracing && !settings.honorsNoCache && self.key.isSynchronous
        storesAnything = !timeout.storesNothing || settings.statusTimeouts.values.contains { !$0.storesNothing }
    }

    /// The reply with what the cache says of it.
    func finished(
        _ reply: Reply,
        _ status: CacheStatus,
        _ outcome: CacheObserver.Outcome,
        key: CacheKey? = nil
    ) -> Reply {
        observer.decided(outcome, key: key, stored: status.isStored, because: status.detail)
        guard settings.sendsStatus else { return reply }
        var reply = reply
        reply.headerFields.append(
            status.field(
                cache: settings.name, key: settings.explainsStatus ? key?.description : nil,
                isExplained: settings.explainsStatus
            )
        )
        return reply
    }
}
