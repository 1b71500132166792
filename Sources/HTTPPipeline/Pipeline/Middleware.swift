/// Something that stands between a request and its handler.
///
/// A middleware answers itself, or asks ``Next`` for the reply of what it wraps, and may change either side:
///
/// ```swift
/// struct TimingMiddleware: Middleware {
///     func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
///         let started = ContinuousClock.now
///         let reply = try await next(exchange)
///         print("\(exchange.route.uniqueMethodID) took \(ContinuousClock.now - started)")
///         return reply
///     }
/// }
/// ```
public protocol Middleware: Sendable {
    /// Answers an exchange.
    ///
    /// - Parameters:
    ///   - exchange: The request and what is known of it.
    ///   - next: What this middleware wraps.
    /// - Returns: The reply.
    /// - Throws: Whatever goes wrong; the framework makes a response of it.
    func handle(_ exchange: Exchange, next: Next) async throws -> Reply
}

/// Answers an exchange; what a ``Pipeline`` wraps.
public typealias Handler = @Sendable (Exchange) async throws -> Reply
