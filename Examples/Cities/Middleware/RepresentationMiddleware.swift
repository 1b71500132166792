import HTTPPipeline
import HTTPTypes

/// Sets Vary, Cache-Control and Content-Language of a response.
struct RepresentationMiddleware: Middleware {
    private let vary: String

    /// Creates the middleware.
    ///
    /// - Parameter fields: The request's fields that the response depends on.
    init(varyingBy fields: [HTTPField.Name]) {
        vary = fields.map(\.rawName).joined(separator: ", ")
    }

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        var reply = try await next(exchange)
        guard reply.thrownError == nil else { return reply }
        reply.headerFields[.vary] = vary
        // A client may store the response and validates it with its tag.
        reply.headerFields[.cacheControl] = "max-age=0, must-revalidate"
        if reply.status.kind == .successful, reply.status != .noContent {
            reply.headerFields[.contentLanguage] = exchange.language
        }
        return reply
    }
}
