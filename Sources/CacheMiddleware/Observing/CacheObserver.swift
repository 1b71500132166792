import CoreMetrics
import HTTPPipeline
import KeyConstructor
import Logging
import Synchronization
import Tracing

/// Tells logs, metrics and traces what a cache does.
///
/// Where the process has no metrics or no tracer nothing is measured for them.
final class CacheObserver: Sendable {
    /// What a request came to.
    enum Outcome: String, Sendable, CaseIterable {
        case hit, stale, miss, collapsed, bypass, method, request
    }

    private let name: String
    private let logger: Logger
    private let tracer: (any Tracer)?
    private let clock: any Clock<Duration>
    private let metrics: CacheMetrics?
    private let warnings: WarningLimiter
    /// The tag templates that were reported; an application has a fixed number of them.
    private let omittedTags = Mutex<Set<String>>([])

    /// Whether there is a tracer, which takes the spans of steps.
    var isTracing: Bool { tracer != nil }
    /// Whether the logger took lines at level debug when the cache was made: asking it costs more than a hit has to spare.
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

    /// Takes note of what a request came to: one line at level debug.
    func decided(_ outcome: Outcome, key: CacheKey? = nil, stored: Bool = false, because reason: RefusalReason? = nil) {
        metrics?.count(outcome, stored: stored, because: reason)
        guard isDebugging else { return }
        var metadata: Logger.Metadata = ["cache": "\(name)", "outcome": "\(outcome.rawValue)", "stored": "\(stored)"]
        if let key { metadata["key"] = "\(key)" }
        if let reason { metadata["reason"] = "\(reason.rawValue)" }
        logger.debug("cache decision", metadata: metadata)
    }

    /// Takes note of a body that was stored, or not, after its request was answered.
    func ended(key: CacheKey, stored: Bool, because reason: RefusalReason?) {
        ended("cache stream ended", key, stored, reason)
    }

    /// Takes note of an answer that was made anew in the background.
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

    /// Reports a key that could not be made.
    func keyFailed(_ error: any Error) {
        // A stamp's store behind an open circuit breaker has failed before, with an error of its own; how large a body is, is the
        // client's choice.
        let isKnown = (error as? StoreFailure)?.isOmission == true || error is BodyTooLarge
        let metadata: Logger.Metadata = ["cache": "\(name)", "error": "\(error)"]
        if isKnown { logger.debug("cache key failed", metadata: metadata) } else { warn("cache key failed", metadata) }
    }

    /// Takes note of an operation of a store that failed.
    func storeFailed(_ operation: StoreOperation, key: CacheKey?, _ error: any Error) {
        metrics?.countFailure(of: operation)
        // A store that was not asked has been complained of, unless what makes the key took all the time.
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

    /// Takes note of bytes in the store that are not the entry that was looked for.
    func rejected(_ key: CacheKey, _ error: EntryDecodingError) {
        metrics?.countRejection(because: error)
        logger.debug(
            "cache entry rejected", metadata: ["cache": "\(name)", "key": "\(key)", "reason": "\(error)"])
    }

    /// Takes note of a store that is left alone from now on.
    func breakerOpened(for pause: Duration) {
        logger.warning("cache store is left alone", metadata: ["cache": "\(name)", "pause": "\(pause)"])
    }

    /// What of an application's own code failed.
    enum Failure: String {
        case timeout = "cache timeout failed"
        case refresh = "cache refresh failed"
        case staleIfError = "handler failed, serving a stale response"
    }

    /// Reports that the application's code failed.
    func failed(_ failure: Failure, key: CacheKey, _ error: any Error) {
        warn(failure.rawValue, ["cache": "\(name)", "key": "\(key)", "error": "\(error)"])
    }

    /// Reports a tag template whose parameter a route does not have: once for each template.
    func omittedTag(_ template: String, route: String) {
        guard omittedTags.withLock({ $0.insert(template).inserted }) else { return }
        logger.warning(
            "cache tag left out: the route has no such path parameter",
            metadata: ["cache": "\(name)", "tag": "\(template)", "route": "\(route)"])
    }

    /// Logs a warning that a client can cause: at most one of each kind in a second, with the number of those left out.
    private func warn(_ message: String, _ metadata: Logger.Metadata, kind: String = "") {
        guard let omitted = warnings.admit(message + kind) else { return }
        var metadata = metadata
        if omitted > 0 { metadata["omitted"] = "\(omitted)" }
        logger.warning("\(message)", metadata: metadata)
    }

    /// Takes note of a purge.
    func purged(_ selection: PurgeSelection, mode: PurgeMode) {
        metrics?.countPurges(1)
        logger.debug("cache purge", metadata: metadata(selection, mode))
    }

    /// Takes note of a purge that was not done: what it selects may be given out for as long as it lasts.
    func purgeFailed(_ selection: PurgeSelection, mode: PurgeMode, _ error: any Error) {
        metrics?.countFailure(of: .purge)
        warn("cache purge failed", metadata(selection, mode).merging(["error": "\(error)"]) { $1 })
    }

    private func metadata(_ selection: PurgeSelection, _ mode: PurgeMode) -> Logger.Metadata {
        ["cache": "\(name)", "selection": "\(selection)", "mode": "\(mode)"]
    }

    /// Takes note of what a store in memory holds.
    func record(_ statistics: @autoclosure () -> MemoryStoreStatistics) {
        metrics?.record(statistics())
    }

    /// Measures a step: a span where there is a tracer, a timer where there are metrics.
    func measure<Value>(_ step: MeasuredStep, _ work: () async throws -> Value) async rethrows -> Value {
        guard tracer != nil || metrics != nil else { return try await work() }
        return try await measured(step, work)
    }

    /// Measures a step that waits for nothing, where there are metrics. It has no span.
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
