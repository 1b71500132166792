import HTTPTypes
import Hummingbird

/// Tells from a bearer token who the user is. Without a token the user is anonymous; a wrong one is refused.
struct BearerAuthenticator: RouterMiddleware {
    /// Users by token. They never change while the server runs, so no request has to ask the database.
    let users: [String: String]

    @concurrent
    func handle(
        _ request: Request,
        context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let token = Self.token(in: request.headers) else { return try await next(request, context) }
        guard let userID = users[token] else { throw APIError.unauthorized("the bearer token is not known") }
        var context = context
        context.userID = userID
        return try await next(request, context)
    }

    /// The token of `Authorization: Bearer token`; nil when there is none, or credentials of another scheme.
    private static func token(in headers: HTTPFields) -> String? {
        guard let authorization = headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard let scheme = parts.first, scheme.lowercased() == "bearer" else { return nil }
        return parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    }
}
