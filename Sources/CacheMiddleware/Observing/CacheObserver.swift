import CoreMetrics
import HTTPPipeline
import KeyConstructor
import Logging
import Synchronization
import Tracing

/// Reports to logs, metrics and traces.
///
/// Without a metrics factory and a tracer nothing is measured.
final class CacheObserver: Sendable {
    /// The outcome of a request.
    enum Outcome: String, Sendable, CaseIterable {
        case hit, stale, miss, collapsed, bypass, method, request
    }

    private let name: String
    private let logger: Logger
    private let tracer: (any Tracer)?
    private let clock: any Clock<Duration>
    private let metrics: CacheMetrics?
    private let warnings: WarningLimiter
    /// The tag templates that were reported. Their number is bounded: they come from the application.
    private let omittedTags = Mutex<Set<String>>([])

    /// Whether there is a tracer.
    var isTracing: Bool { tracer != nil }
    /// Whether the logger had level debug when the cache was created. Reading the level is too expensive for a hit.
    private let isDebugging: Bool

    init(name: String, runtime: CacheRuntime) {
        self.name = name
        self.logger = runtime.logger
        self.clock = runtime.clock
        self.warnings = WarningLimiter(clock: runtime.clock)
        self.tracer = runtime.tracer is NoOpTracer ? nil : runtime.tracer
        self.metrics = runtime.metrics is NOOPMetricsHandler ? nil : CacheMetrics(name: name, factory: runtime.metrics)
        isDebugging = logger.logLevel <= .debug
    }

    /// Reports the outcome of a request: one debug message.
    func decided(_ outcome: Outcome, key: CacheKey? = nil, stored: Bool = false, because reason: RefusalReason? = nil) {
        metrics?.count(outcome, stored: stored, because: reason)
        guard isDebugging else { return }
        var metadata: Logger.Metadata = ["cache": "\(name)", "outcome": "\(outcome.rawValue)", "stored": "\(stored)"]
        if let key { metadata["key"] = "\(key)" }
        if let reason { metadata["reason"] = "\(reason.rawValue)" }
        logger.debug("cache decision", metadata: metadata)
    }

    /// Reports whether a body was stored after its response had been sent.
    func ended(key: CacheKey, stored: Bool, because reason: RefusalReason?) {
        ended("cache stream ended", key, stored, reason)
    }

    /// Reports a refresh in the background.
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

    /// Reports that an operation of a store failed.
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

    /// Reports bytes in the store that are not a valid entry of the key.
    func rejected(_ key: CacheKey, _ error: EntryDecodingError) {
        metrics?.countRejection(because: error)
        logger.debug(
            "cache entry rejected", metadata: ["cache": "\(name)", "key": "\(key)", "reason": "\(error)"])
    }

    /// Reports that the circuit breaker of the store opened.
    func breakerOpened(for pause: Duration) {
        logger.warning("circuit breaker opened for cache store", metadata: ["cache": "\(name)", "pause": "\(pause)"])
    }

    /// A failure of the application's own code.
    enum Failure: String {
        case timeout = "computing cache lifetime failed"
        case refresh = "cache refresh failed"
        case staleIfError = "handler failed, serving a stale response"
    }

    /// Reports a failure of the application's code.
    func failed(_ failure: Failure, key: CacheKey, _ error: any Error) {
        warn(failure.rawValue, ["cache": "\(name)", "key": "\(key)", "error": "\(error)"])
    }

    /// Reports, once per template, that a tag template names a parameter that the route does not have.
    func omittedTag(_ template: String, route: String) {
        guard omittedTags.withLock({ $0.insert(template).inserted }) else { return }
        logger.warning(
            "cache tag skipped: unknown path parameter",
            metadata: ["cache": "\(name)", "tag": "\(template)", "route": "\(route)"])
    }

    /// Logs a warning that clients can cause: at most one of each kind per second, with the number of omitted ones.
    private func warn(_ message: String, _ metadata: Logger.Metadata, kind: String = "") {
        guard let omitted = warnings.admit(message + kind) else { return }
        var metadata = metadata
        if omitted > 0 { metadata["omitted"] = "\(omitted)" }
        logger.warning("\(message)", metadata: metadata)
    }

    /// Reports a purge.
    func purged(_ selection: PurgeSelection, mode: PurgeMode) {
        metrics?.countPurges(1)
        logger.debug("cache purge", metadata: metadata(selection, mode))
    }

    /// Reports a failed purge. It is retried; other processes may serve the selected entries until then.
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

    /// Measures a step, with a span if there is a tracer and a timer if there are metrics.
    func measure<Value>(_ step: MeasuredStep, _ work: () async throws -> Value) async rethrows -> Value {
        guard tracer != nil || metrics != nil else { return try await work() }
        return try await measured(step, work)
    }

    /// Measures a synchronous step if there are metrics. It has no span.
    func time<Value>(_ step: MeasuredStep, _ work: () -> Value) -> Value {
        guard let metrics else { return work() }
        let elapsed = clock.stopwatch()
        defer { metrics.record(elapsed(), of: step) }
        return work()
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
