public import HTTPPipeline
public import HTTPTypes

/// A middleware that refuses bulk requests without the field of a ``BulkGuard``, for handlers by hand: 400 with a `detail`.
///
/// ```swift
/// let stack = Pipeline { BulkGuardMiddleware() }
/// router.delete("cities", use: stack.wrap(as: "cities", deleteCities))
/// ```
public struct BulkGuardMiddleware: Middleware {
    private let guarding: BulkGuard
    private let methods: Set<HTTPRequest.Method>

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - guarding: The field. A value `all` is not required, because the middleware does not know which parameters are filters.
    ///   - methods: The methods of bulk requests.
    public init(_ guarding: BulkGuard = BulkGuard(), methods: Set<HTTPRequest.Method> = [.put, .patch, .delete]) {
        (self.guarding, self.methods) = (guarding, methods)
    }

    /// Handles a request, or refuses it.
    ///
    /// - Throws: Any error that `next` throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let request = exchange.request
        guard methods.contains(request.method), let refusal = guarding.refusal(of: request, hasFilters: true) else {
            return try await next(exchange)
        }
        return refusal.reply(to: request)
    }
}
