public import CacheMiddleware
public import HTTPPipeline
public import Logging

extension CacheRuntime {
    /// Returns a runtime for a test, without logging by default, and with clocks and random numbers that the test
    /// controls.
    ///
    /// - Parameters:
    ///   - timeSource: The wall clock, which determines when responses are stored and when they expire.
    ///   - clock: The clock that measures waits and timeouts.
    ///   - logger: The logger; by default it discards all messages.
    ///   - background: The background work that runs refreshes.
    ///   - random: Returns the next random number.
    /// - Returns: The runtime.
    public static func testing(
        _ timeSource: any TimeSource = ManualTimeSource(),
        clock: any Clock<Duration> = ManualClock(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        background: BackgroundWork = BackgroundWork(),
        random: @escaping @Sendable () -> Double = { 0.5 }
    ) -> CacheRuntime {
        var runtime = CacheRuntime(background: background, logger: logger)
        runtime.timeSource = timeSource
        runtime.clock = clock
        runtime.random = random
        return runtime
    }
}
