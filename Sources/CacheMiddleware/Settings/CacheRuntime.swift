public import CoreMetrics
public import HTTPPipeline
public import Logging
public import Tracing

/// The services of the process that a cache uses: clocks, logging, metrics, tracing and background tasks.
///
/// Create one runtime, and pass it to all caches and to the administration.
public struct CacheRuntime: Sendable {
    /// The wall clock, for the time of storage and the expiry of entries.
    public var timeSource: any TimeSource

    /// The monotonic clock, for timeouts and durations.
    public var clock: any Clock<Duration>

    /// The logger, which receives one debug message per decision and a warning for failures. Its level is read once, when the cache
    /// is created.
    public var logger: Logger

    /// The factory of the metrics; see <doc:Operation> for their names.
    public var metrics: any MetricsFactory

    /// The tracer, which receives the spans of look-ups, waits and handlers.
    public var tracer: any Tracer

    /// The service that runs background refreshes and store operations that no request waits for.
    public var background: BackgroundWork

    /// The activity to which caches report the requests that they have handled, for ``CacheAdministration``. A runtime has a separate
    /// activity by default; copies of the runtime share it.
    public var activity: CacheActivity

    /// The random source: returns a number from 0 up to, but not including, 1.
    public var random: @Sendable () -> Double

    /// Creates a runtime. The defaults use the logging, metrics and tracing systems of the process.
    public init(
        timeSource: any TimeSource = SystemTimeSource(),
        clock: any Clock<Duration> = .continuous,
        logger: Logger = Logger(label: "ResponseCache"),
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: any Tracer = InstrumentationSystem.tracer,
        background: BackgroundWork = BackgroundWork(),
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        activity: CacheActivity = CacheActivity()
    ) {
        self.timeSource = timeSource
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        self.tracer = tracer
        self.background = background
        self.random = random
        self.activity = activity
    }
}
