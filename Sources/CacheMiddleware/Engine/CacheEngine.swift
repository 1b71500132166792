import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// The request handling of a cache. The rules make the decisions; the engine looks up, coalesces, runs the handler, stores and
/// purges.
final class CacheEngine<Rules: CachingRules>: Sendable {
    let rules: Rules
    let settings: CacheSettings
    let store: StoreAccess
    let flights: FlightTable
    let runtime: CacheRuntime
    let observer: CacheObserver
    /// The cache as ``CacheRuntime/activity`` knows it, for as long as the engine exists.
    private let record: CacheRecord
    /// The Cache-Status of every hit, if it is the same for all of them.
    let hitStatus: HTTPField?
    /// Whether a hit whose key is known needs no suspension: there are no spans, and no requests that skip the store.
    let isImmediate: Bool
    /// Whether any response can be stored.
    let storesAnything: Bool
    /// The time since the engine was created, on a monotonic clock.
    let elapsed: @Sendable () -> Duration

    /// Creates an engine.
    ///
    /// - Parameters:
    ///   - rules: The rules.
    ///   - store: The store.
    ///   - settings: The settings that do not depend on the rules.
    ///   - runtime: Clocks, logger, metrics, background work.
    init(rules: Rules, store: any CacheStore, settings: CacheSettings, runtime: CacheRuntime) {
        self.rules = rules
        self.settings = settings
        self.runtime = runtime
        flights = FlightTable(overdueAfter: settings.singleFlight.overdueDuration)
        elapsed = runtime.clock.stopwatch()
        observer = CacheObserver(name: settings.name, runtime: runtime)
        self.store = StoreAccess(store, settings: settings, runtime: runtime, observer: observer)
        hitStatus =
            settings.sendsStatus && !settings.explainsStatus ? CacheStatus.hit.field(cache: settings.name) : nil
        isImmediate = !observer.isTracing && !settings.honorsNoCache
        storesAnything = rules.storesAnything
        record = CacheRecord(name: settings.name, rules: rules, store: store, counters: observer.counters)
        runtime.activity.register(record)
    }

    /// Responds to a request.
    ///
    /// - Throws: Any error that the handler throws.
    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let isHead: Bool
        switch exchange.request.method {
        case .get: isHead = false
        case .head: isHead = true
        default: return try await write(exchange, next: next)
        }
        var look = FirstLook.nested
        if let reply = immediateReply(to: exchange, isHead: isHead, next: next, otherwise: &look) { return reply }
        return try await respond(to: exchange, isHead: isHead, after: look, next: next)
    }

    /// Returns whether an entry is fresh now.
    func isFresh(_ entry: CacheEntry) -> Bool { entry.isFresh(at: runtime.timeSource.now) }

    /// Returns whether an entry may be served now while it is refreshed.
    func allowsWhileRevalidating(_ entry: CacheEntry) -> Bool {
        rules.stalePolicy(for: entry.headerFields, settings: settings.stale)
            .allowsWhileRevalidating(entry, at: runtime.timeSource.now)
    }

    /// Returns whether an entry may be served now instead of an error.
    func allowsIfError(_ entry: CacheEntry) -> Bool {
        rules.stalePolicy(for: entry.headerFields, settings: settings.stale)
            .allowsIfError(entry, at: runtime.timeSource.now)
    }

    /// Returns the response with its Cache-Status, and records the decision.
    func finished(
        _ reply: Reply,
        _ status: CacheStatus,
        _ outcome: CacheObserver.Outcome,
        for exchange: Exchange,
        key: CacheKey? = nil
    ) -> Reply {
        observer.decided(
            outcome, for: exchange, key: key, stored: status.isStored,
            because: status.detail.flatMap(RefusalReason.init))
        HitRecorder.current?.refuse(settings.answersBelowFramework ? .miss : .route)
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
