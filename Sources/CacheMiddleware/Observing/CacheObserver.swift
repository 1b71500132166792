import CoreMetrics
import HTTPPipeline
import KeyConstructor
import Logging
import Tracing

/// An observer that reports the activity of a cache to logs, metrics and traces.
///
/// Without metrics or a tracer in the process it measures nothing for them.
final class CacheObserver: Sendable {
    /// The outcome of a request.
    enum Outcome: String, Sendable, CaseIterable {
        case hit, stale, miss, collapsed, bypass, method, request

        /// The index in `allCases`.
        var position: Int {
            switch self {
            case .hit: 0
            case .stale: 1
            case .miss: 2
            case .collapsed: 3
            case .bypass: 4
            case .method: 5
            case .request: 6
            }
        }

        /// The number of cases. `allCases` allocates.
        static var count: Int { Outcome.request.position + 1 }
    }

    /// The number of each outcome for each route.
    let counters = RouteCounters()

    private let name: String
    private let logger: Logger
    private let tracer: (any Tracer)?
    private let clock: any Clock<Duration>
    private let metrics: CacheMetrics?
    private let warnings: WarningLimiter

    /// Whether there is a tracer that receives the spans of steps.
    var isTracing: Bool { tracer != nil }
    /// Whether the logger accepted level debug when the cache was created: asking it for each hit is expensive.
    private let isDebugging: Bool
    /// Whether each decision is logged or traced.
    var reportsEachDecision: Bool { isDebugging || isTracing }

    init(name: String, runtime: CacheRuntime) {
        self.name = name
        self.logger = runtime.logger
        self.clock = runtime.clock
        self.warnings = WarningLimiter(clock: runtime.clock)
        self.tracer = runtime.tracer is NoOpTracer ? nil : runtime.tracer
        self.metrics = runtime.metrics is NOOPMetricsHandler ? nil : CacheMetrics(name: name, factory: runtime.metrics)
        isDebugging = logger.logLevel <= .debug
    }

    /// Records the outcome of a request: one message at level debug.
    func decided(
        _ outcome: Outcome, for exchange: Exchange, key: CacheKey? = nil, stored: Bool = false,
        because reason: RefusalReason? = nil
    ) {
        counters.count(outcome, exchange)
        metrics?.count(outcome, stored: stored, because: reason)
        guard isDebugging else { return }
        var metadata: Logger.Metadata = ["cache": "\(name)", "outcome": "\(outcome.rawValue)", "stored": "\(stored)"]
        if let key { metadata["key"] = "\(key)" }
        if let reason { metadata["reason"] = "\(reason.rawValue)" }
        logger.debug("cache decision", metadata: metadata)
    }

    /// Records hits that an adapter answered below the framework.
    ///
    /// - Parameters:
    ///   - requests: The number of hits.
    ///   - index: The index of the route in ``counters``.
    func answered(_ requests: Int, at index: Int) {
        counters.count(.hit, at: index, by: requests)
        metrics?.countHits(requests)
    }

    /// Records whether a body was stored after its request was answered.
    func ended(key: CacheKey, stored: Bool, because reason: RefusalReason?) {
        ended("cache stream ended", key, stored, reason)
    }

    /// Records a response that was regenerated in the background.
    func refreshed(key: CacheKey, stored: Bool, because reason: RefusalReason?) {
        ended("cache refresh ended", key, stored, reason)
    }

    private func ended(_ what: Logger.Message, _ key: CacheKey, _ stored: Bool, _ reason: RefusalReason?) {
        metrics?.countEnd(stored: stored, because: reason)
        logger.debug(
            what,
            metadata: [
                "cache": "\(name)", "key": "\(key)", "stored": "\(stored)", "reason": "\(reason?.rawValue ?? "-")",
            ]
        )
    }

    /// Reports that computing a key failed.
    func keyFailed(_ error: any Error) {
        // An open circuit breaker was reported when it opened. Clients choose the size of a body.
        let isKnown = (error as? StoreFailure)?.isOmission == true || error is BodyTooLarge
        let metadata: Logger.Metadata = ["cache": "\(name)", "error": "\(error)"]
        if isKnown { logger.debug("cache key failed", metadata: metadata) } else { warn("cache key failed", metadata) }
    }

    /// Records an operation of a store that failed.
    func storeFailed(_ operation: StoreOperation, key: CacheKey?, _ error: any Error) {
        metrics?.countFailure(of: operation)
        // The cause of a skipped operation was reported before, unless computing the key used up the time.
        let failure = error as? StoreFailure
        let isKnown = failure == .skipped || failure == .noTime && operation != .read
        var metadata: Logger.Metadata = [
            "cache": "\(name)", "operation": "\(operation.rawValue)", "error": "\(error)",
        ]
        if let key { metadata["key"] = "\(key)" }
        if isKnown {
            logger.debug("cache store failed", metadata: metadata)
        } else {
            warn("cache store failed", metadata, kind: operation.rawValue)
        }
    }

    /// Records bytes in the store that are not the requested entry.
    func rejected(_ key: CacheKey, _ error: EntryDecodingError) {
        metrics?.countRejection(because: error)
        logger.debug(
            "cache entry rejected", metadata: ["cache": "\(name)", "key": "\(key)", "reason": "\(error)"])
    }

    /// Records that the circuit breaker of a store opened.
    func breakerOpened(for pause: Duration) {
        logger.warning("circuit breaker opened for cache store", metadata: ["cache": "\(name)", "pause": "\(pause)"])
    }

    /// The part of the application's code that failed.
    enum Failure: String {
        case lifetime = "computing cache lifetime failed"
        case refresh = "cache refresh failed"
        case staleIfError = "handler failed, serving a stale response"
    }

    /// Reports a failure of the application's code.
    func failed(_ failure: Failure, key: CacheKey, _ error: any Error) {
        warn(failure.rawValue, ["cache": "\(name)", "key": "\(key)", "error": "\(error)"])
    }

    /// Logs a warning that a client can cause: at most one of each kind per second, with the number of omitted ones.
    private func warn(_ message: String, _ metadata: Logger.Metadata, kind: String = "") {
        guard let omitted = warnings.admit(message + kind) else { return }
        var metadata = metadata
        if omitted > 0 { metadata["omitted"] = "\(omitted)" }
        logger.warning("\(message)", metadata: metadata)
    }

    /// Records a purge.
    func purged(_ selection: PurgeSelection, mode: PurgeMode) {
        metrics?.countPurges(1)
        logger.debug("cache purge", metadata: metadata(selection, mode))
    }

    /// Records a failed purge. It is retried; other processes may serve the selected entries until then.
    func purgeFailed(_ selection: PurgeSelection, mode: PurgeMode, _ error: any Error) {
        metrics?.countFailure(of: .purge)
        warn("cache purge failed", metadata(selection, mode).merging(["error": "\(error)"]) { $1 })
    }

    private func metadata(_ selection: PurgeSelection, _ mode: PurgeMode) -> Logger.Metadata {
        ["cache": "\(name)", "selection": "\(selection)", "mode": "\(mode)"]
    }

    /// Records the contents of a store in memory.
    func record(_ statistics: @autoclosure () -> MemoryStoreStatistics) {
        metrics?.record(statistics())
    }

    /// Measures a step: a span if there is a tracer, a timer if there are metrics.
    func measure<Value>(_ step: MeasuredStep, _ work: () async throws -> Value) async rethrows -> Value {
        guard tracer != nil || metrics != nil else { return try await work() }
        return try await measured(step, work)
    }

    /// Measures a synchronous step, with metrics only. It has no span.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - isComplete: Whether the value ends the step. A step that goes on is measured where it is awaited.
    ///   - work: The work.
    /// - Returns: The value of the work.
    func time<Value>(_ step: MeasuredStep, isComplete: (Value) -> Bool, _ work: () -> Value) -> Value {
        guard let metrics else { return work() }
        let elapsed = clock.stopwatch()
        let value = work()
        if isComplete(value) { metrics.record(elapsed(), of: step) }
        return value
    }

    private func measured<Value>(_ step: MeasuredStep, _ work: () async throws -> Value) async rethrows -> Value {
        let elapsed = clock.stopwatch()
        defer { metrics?.record(elapsed(), of: step) }
        guard let tracer else { return try await work() }
        return try await tracer.withAnySpan(step.spanName, ofKind: .internal) { span in
            span.attributes["cache.name"] = name
            return try await work()
        }
    }
}

/// An operation of a store, in logs and metrics.
enum StoreOperation: String, Sendable, CaseIterable {
    case read, write, mark, purge, lock
}
