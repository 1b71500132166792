/// A component that handles requests before and after their handler.
///
/// A middleware either returns a reply itself or calls ``Next``, and may change the request and the reply:
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
    /// Handles a request.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: The inner middleware and the handler.
    /// - Returns: The reply.
    /// - Throws: Any error. The framework turns it into a response.
    func handle(_ exchange: Exchange, next: Next) async throws -> Reply
}

/// A function that returns a reply to a request. A ``Pipeline`` wraps it.
public typealias Handler = @Sendable (Exchange) async throws -> Reply
