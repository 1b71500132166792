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
    /// Whether an entry is served only for the path that it was stored for: writes purge by path, and the keys do not hold it.
    private let comparesPaths: Bool
    /// The time since the engine was made, on a clock that never goes back.
    let elapsed: @Sendable () -> Duration

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
        elapsed = runtime.clock.stopwatch()
        comparesPaths = settings.purgesURL && !self.key.separates.path
        policy = StoragePolicy(separates: self.key.separates, settings: settings)
        observer = CacheObserver(name: settings.name, runtime: runtime)
        self.store = StoreAccess(store, settings: settings, runtime: runtime, observer: observer)
        hitStatus =
            settings.sendsStatus && !settings.explainsStatus ? CacheStatus.hit.field(cache: settings.name) : nil
        isImmediate = !observer.isTracing && !settings.honorsNoCache && self.key.isSynchronous
        storesAnything = !timeout.storesNothing || settings.statusTimeouts.values.contains { !$0.storesNothing }
    }

    /// Returns a request for the parts of the engine that wait.
    func request(
        _ exchange: Exchange, _ key: CacheKey, _ traits: RequestTraits, isHead: Bool, in store: StoreAccess
    ) -> ReadRequest {
        var flightKey = key
        if comparesPaths {
            flightKey = CompletionCounts.key(key, for: exchange.request.path.map(CacheEntry.normalizedPath) ?? "")
        }
        return ReadRequest(exchange, keys: (key, flightKey), traits, isHead: isHead, in: store)
    }

    /// Whether an entry is fresh now.
    func isFresh(_ entry: CacheEntry) -> Bool { entry.isFresh(at: runtime.timeSource.now) }

    /// Whether an entry may be served now while it is refreshed.
    func allowsWhileRevalidating(_ entry: CacheEntry) -> Bool {
        settings.stale.allowsWhileRevalidating(entry, at: runtime.timeSource.now)
    }

    /// Whether an entry may be served now instead of an error.
    func allowsIfError(_ entry: CacheEntry) -> Bool {
        settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
    }

    /// Whether an entry under the key of a request may be served to it.
    ///
    /// A key that does not hold the path may be that of several paths. An entry is purged by the path that it was stored for, so it
    /// is served to requests for that path alone; for another one the response is made again and takes its place.
    func mayServe(_ entry: CacheEntry, to exchange: Exchange) -> Bool {
        guard comparesPaths else { return true }
        guard let path = entry.path, let target = exchange.request.path else {
            return entry.path == nil && exchange.request.path == nil
        }
        return Self.isTarget(target, of: path) || CacheEntry.normalizedPath(target).hasBytes(of: path)
    }

    /// Whether a target is a path, spelled in the same way, with or without a query.
    private static func isTarget(_ target: String, of path: String) -> Bool {
        guard target.hasBytes(of: path, at: 0) else { return false }
        let rest = target.utf8.dropFirst(path.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "?")
    }

    /// The reply with what the cache says of it.
    func finished(
        _ reply: Reply,
        _ status: CacheStatus,
        _ outcome: CacheObserver.Outcome,
        key: CacheKey? = nil
    ) -> Reply {
        observer.decided(outcome, key: key, stored: status.isStored, because: status.detail)
        var reply = reply
        reply.comesThroughCache = true
        guard settings.sendsStatus else { return reply }
        reply.headerFields.append(
            status.field(
                cache: settings.name, key: settings.explainsStatus ? key?.description : nil,
                isExplained: settings.explainsStatus
            )
        )
        return reply
    }
}
