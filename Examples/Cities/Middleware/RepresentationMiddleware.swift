import HTTPPipeline
import HTTPTypes

/// Says of an answer what it depends on, how long it is fresh and which language it is in.
struct RepresentationMiddleware: Middleware {
    private let vary: String

    /// Creates the middleware.
    ///
    /// - Parameter fields: The request's fields that the answer depends on.
    init(varyingBy fields: [HTTPField.Name]) {
        vary = fields.map(\.rawName).joined(separator: ", ")
    }

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        var reply = try await next(exchange)
        guard reply.thrownError == nil else { return reply }
        reply.headerFields[.vary] = vary
        // A client may keep the answer and asks with its tag whether it still holds.
        reply.headerFields[.cacheControl] = "max-age=0, must-revalidate"
        if reply.status.kind == .successful, reply.status != .noContent {
            reply.headerFields[.contentLanguage] = exchange.language
        }
        return reply
    }
}
