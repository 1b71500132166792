public import HTTPPipeline
import HTTPTypes

/// A middleware that runs the handler once for all requests with the same Idempotency-Key
/// (draft-ietf-httpapi-idempotency-key-header-07).
///
/// ```swift
/// let stack = Pipeline { IdempotencyMiddleware(in: MemoryIdempotencyStore()) }
/// router.post("orders", use: stack.wrap(as: "orders", createOrder))
/// ```
///
/// | request with a key | response |
/// |---|---|
/// | the first one | that of the handler, which is stored |
/// | the same again | the stored response with `Idempotent-Replayed: true` |
/// | the same while the first one is running | 409 with Retry-After |
/// | another query or body | 422 |
/// | an invalid key, or a key without a user | 400 |
/// | a body above the limit | 413 |
/// | any, while the database of the store cannot be reached | 503 with Retry-After; the handler does not run |
///
/// Keys are those of one user, host, path and method. A request without a key passes unchanged, unless the settings require one.
///
/// - A handler that throws an error, also one that the framework turns into a response, abandons the key: a repetition runs it again. The
///   same holds for a status that is not stored and for a response above the limit.
/// - Set-Cookie, hop-by-hop fields, Date and trailers are not replayed.
/// - A response whose size is known is stored before it is sent. A stream is stored while it is sent, and until its end even if the client
///   disconnects.
/// - If the process ends while the handler runs, a repetition runs the handler again after the lease: see
///   ``IdempotencyLifetimes/lease``.
///
/// Place it after the middleware that sets the user, and outside of caches and entity tags. Inside of another one it has no effect.
public struct IdempotencyMiddleware: Middleware {
    private let keeper: IdempotencyKeeper

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - store: The store of keys and responses.
    ///   - configure: Changes the settings.
    public init(in store: any IdempotencyStore, configure: (inout IdempotencySettings) -> Void = { _ in }) {
        var settings = IdempotencySettings()
        configure(&settings)
        keeper = IdempotencyKeeper(store: store, settings: settings)
    }

    /// Handles a request, or returns the stored response or a refusal.
    ///
    /// - Throws: The errors of `next`, and those of a store that cannot start a record, except a `TransientError`: the handler then does
    ///   not run.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard keeper.settings.methods.contains(exchange.request.method) else { return try await next(exchange) }
        return try await keeper.respond(to: exchange) { try await next($0) }
    }
}
