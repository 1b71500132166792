package import HTTPPipeline

/// A cache with rules of its own: everything that ``CacheResponseMiddleware`` does, decided by a `CachingRules` conformer.
package struct CachingMiddleware<Rules: CachingRules>: Middleware {
    private let engine: CacheEngine<Rules>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - rules: The rules.
    ///   - store: The store.
    ///   - settings: The settings that do not depend on the rules: single flight, stale policy, size limits, Cache-Status, timeouts.
    ///   - runtime: Clocks, logger, metrics, background work.
    package init(
        _ rules: Rules, in store: any CacheStore, settings: CacheSettings = .standard,
        runtime: CacheRuntime = CacheRuntime()
    ) {
        engine = CacheEngine(rules: rules, store: store, settings: settings, runtime: runtime)
    }

    /// Answers from the store, or from what it wraps, and stores that response if the rules allow it.
    ///
    /// - Throws: What the handler throws.
    package func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        try await engine.handle(exchange, next: next)
    }
}
