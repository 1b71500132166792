public import CacheMiddleware
public import HTTPPipeline
public import Logging

extension CacheRuntime {
    /// A runtime for a test: silent, with clocks that the test sets and random numbers that it chooses.
    ///
    /// - Parameters:
    ///   - timeSource: Tells when answers are stored and when they end.
    ///   - clock: Measures waiting and time-outs.
    ///   - logger: Takes the log; nobody by default.
    ///   - background: Runs refreshes.
    ///   - random: The random number.
    /// - Returns: The runtime.
    public static func testing(
        _ timeSource: any TimeSource = ManualTimeSource(),
        clock: any Clock<Duration> = ManualClock(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        background: BackgroundWork = BackgroundWork(),
        random: @escaping @Sendable () -> Double = { 0.5 }
    ) -> CacheRuntime {
        CacheRuntime(timeSource: timeSource, clock: clock, logger: logger, background: background, random: random)
    }
}
