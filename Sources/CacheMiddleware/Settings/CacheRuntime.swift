public import CoreMetrics
public import HTTPPipeline
public import Logging
public import Tracing

/// What a cache takes from the process it runs in.
public struct CacheRuntime: Sendable {
    /// Tells when answers are stored and when they end.
    public var timeSource: any TimeSource

    /// Measures how long waiting, stores and handlers take.
    public var clock: any Clock<Duration>

    /// Is told of every decision at level debug, if that is its level when the cache is made, and of stores that fail as warnings.
    public var logger: Logger

    /// Makes the metrics; see the guide for their names.
    public var metrics: any MetricsFactory

    /// Takes the spans of look-ups, waiting and handlers.
    public var tracer: any Tracer

    /// Runs handlers after their requests were answered.
    public var background: BackgroundWork

    /// A random number from 0 up to, and without, 1.
    public var random: @Sendable () -> Double

    /// Creates a runtime; the default logs, measures and traces as the process was set up to.
    public init(
        timeSource: any TimeSource = SystemTimeSource(),
        clock: any Clock<Duration> = .continuous,
        logger: Logger = Logger(label: "ResponseCache"),
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: any Tracer = InstrumentationSystem.tracer,
        background: BackgroundWork = BackgroundWork(),
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.timeSource = timeSource
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        self.tracer = tracer
        self.background = background
        self.random = random
    }
}
