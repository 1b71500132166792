public import CoreMetrics
public import HTTPPipeline
public import Logging
public import Tracing

/// The services of the process that a cache uses: clocks, logging, metrics, tracing and background tasks.
///
/// Create one runtime, and pass it to all caches and to the administration.
public struct CacheRuntime: Sendable {
    /// The wall clock, for the time of storage and the expiry of entries. The system's by default.
    public var timeSource: any TimeSource = SystemTimeSource()

    /// The monotonic clock, for timeouts and durations.
    public var clock: any Clock<Duration> = .continuous

    /// The logger, which receives one debug message per decision and a warning for failures. Its level is read once, when the cache
    /// is created.
    public var logger: Logger

    /// The factory of the metrics, that of the process by default; see <doc:Operation> for their names.
    public var metrics: any MetricsFactory = MetricsSystem.factory

    /// The tracer, which receives the spans of look-ups, waits and handlers. That of the process by default.
    public var tracer: any Tracer = InstrumentationSystem.tracer

    /// The service that runs background refreshes and store operations that no request waits for.
    public var background: BackgroundWork

    /// The activity to which caches report the requests that they have handled, for ``CacheAdministration``. A runtime has a separate
    /// activity by default; copies of the runtime share it.
    public var activity = CacheActivity()

    /// The random source: returns a number from 0 up to, but not including, 1.
    public var random: @Sendable () -> Double = { .random(in: 0..<1) }

    /// Creates a runtime.
    ///
    /// ```swift
    /// var runtime = CacheRuntime(background: background, logger: logger)
    /// runtime.metrics = metrics
    /// ```
    ///
    /// - Parameters:
    ///   - background: The service that runs background refreshes. Run it with the application, so that it ends with it.
    ///   - logger: The logger.
    public init(background: BackgroundWork = BackgroundWork(), logger: Logger = Logger(label: "ResponseCache")) {
        self.background = background
        self.logger = logger
    }
}
