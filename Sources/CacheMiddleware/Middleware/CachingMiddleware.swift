package import HTTPPipeline

/// A cache with custom rules: all features of ``CacheResponseMiddleware``, controlled by a `CachingRules` conformer.
package struct CachingMiddleware<Rules: CachingRules>: Middleware {
    private let engine: CacheEngine<Rules>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - rules: The rules.
    ///   - store: The store.
    ///   - settings: The settings that do not depend on the rules: single flight, stale policy, size limits, Cache-Status,
    ///     timeouts.
    ///   - runtime: The clocks, logger, metrics and background work.
    package init(
        _ rules: Rules, in store: any CacheStore, settings: CacheSettings = .standard,
        runtime: CacheRuntime = CacheRuntime()
    ) {
        engine = CacheEngine(rules: rules, store: store, settings: settings, runtime: runtime)
    }

    /// Responds from the store, or forwards the request and stores the response if the rules allow it.
    ///
    /// - Throws: Any error that the handler throws.
    package func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        try await engine.handle(exchange, next: next)
    }
}
