import CoreMetrics

/// The metrics of a cache.
///
/// | metric | dimensions | description |
/// |---|---|---|
/// | `response_cache_requests_total` | `cache`, `outcome` | requests: hit, stale, miss, collapsed, bypass, method, request |
/// | `response_cache_stored_total` | `cache` | stored responses |
/// | `response_cache_refused_total` | `cache`, `reason` | responses that were not stored, requests that bypassed the cache |
/// | `response_cache_store_errors_total` | `cache`, `operation` | failed store operations |
/// | `response_cache_entries_rejected_total` | `cache`, `reason` | entries that were damaged, belonged to another key or had an invalid seal |
/// | `response_cache_purges_total` | `cache` | purges |
/// | `response_cache_step_seconds` | `cache`, `step` | duration of the steps key, lookup, wait, handler and store |
/// | `response_cache_store_bytes`, `_entries`, `_evictions` | `cache` | contents and evictions of a store in memory |
final class CacheMetrics: Sendable {
    private let outcomes: [CacheObserver.Outcome: Counter]
    private let refusals: [RefusalReason: Counter]
    private let failures: [StoreOperation: Counter]
    private let steps: [MeasuredStep: Timer]
    private let rejections: [EntryDecodingError: Counter]
    private let stored: Counter
    private let purges: Counter
    private let bytes: Gauge
    private let entries: Gauge
    private let evictions: Gauge

    init(name: String, factory: any MetricsFactory) {
        let cache = ("cache", name)
        func counter(_ label: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "response_cache_\(label)", dimensions: [cache] + dimensions, factory: factory)
        }
        func gauge(_ label: String) -> Gauge {
            Gauge(label: "response_cache_store_\(label)", dimensions: [cache], factory: factory)
        }
        outcomes = Self.table { counter("requests_total", ("outcome", $0.rawValue)) }
        refusals = Self.table { counter("refused_total", ("reason", $0.rawValue)) }
        failures = Self.table { counter("store_errors_total", ("operation", $0.rawValue)) }
        rejections = Dictionary(
            uniqueKeysWithValues: EntryDecodingError.all.map {
                ($0, counter("entries_rejected_total", ("reason", $0.description)))
            })
        steps = Self.table {
            Timer(label: "response_cache_step_seconds", dimensions: [cache, ("step", $0.rawValue)], factory: factory)
        }
        stored = counter("stored_total")
        purges = counter("purges_total")
        bytes = gauge("bytes")
        entries = gauge("entries")
        evictions = gauge("evictions")
    }

    func count(_ outcome: CacheObserver.Outcome, stored isStored: Bool, because reason: RefusalReason?) {
        outcomes[outcome]?.increment()
        countEnd(stored: isStored, because: reason)
    }

    /// Counts hits without a decision that is logged.
    func countHits(_ requests: Int) {
        outcomes[.hit]?.increment(by: requests)
    }

    func countEnd(stored isStored: Bool, because reason: RefusalReason?) {
        if isStored { stored.increment() }
        if let reason { refusals[reason]?.increment() }
    }

    func countFailure(of operation: StoreOperation) {
        failures[operation]?.increment()
    }

    func countRejection(because error: EntryDecodingError) {
        rejections[error]?.increment()
    }

    func countPurges(_ count: Int) {
        purges.increment(by: count)
    }

    func record(_ duration: Duration, of step: MeasuredStep) {
        let (seconds, attoseconds) = duration.components
        steps[step]?.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func record(_ statistics: MemoryStoreStatistics) {
        bytes.record(statistics.byteCount)
        entries.record(statistics.entryCount)
        evictions.record(statistics.evictions)
    }

    private static func table<Key: CaseIterable & Hashable, Value>(_ make: (Key) -> Value) -> [Key: Value] {
        Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, make($0)) })
    }
}

/// A measured step of a request.
enum MeasuredStep: String, Sendable, CaseIterable {
    /// Computing the key.
    case key
    /// Looking up the entry.
    case lookup
    /// Waiting for the handler of another request.
    case wait
    /// Running the handler.
    case handler
    /// Storing the entry.
    case store

    var spanName: String { "cache \(rawValue)" }
}

extension Clock where Duration == Swift.Duration {
    /// Starts measuring time.
    ///
    /// - Returns: A function that returns the elapsed time.
    func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
