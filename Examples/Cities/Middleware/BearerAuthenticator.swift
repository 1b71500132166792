import HTTPTypes
import Hummingbird

/// Authenticates the user by a bearer token. Without a token the user is anonymous; an unknown one is refused.
struct BearerAuthenticator: RouterMiddleware {
    /// Users by token. They do not change while the server runs, so no request queries the database.
    let users: [String: String]

    @concurrent
    func handle(
        _ request: Request,
        context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let token = Self.token(in: request.headers) else { return try await next(request, context) }
        guard let userID = users[token] else {
            throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Bearer"], message: "Unknown bearer token.")
        }
        var context = context
        context.userID = userID
        return try await next(request, context)
    }

    /// The token of `Authorization: Bearer token`; nil without credentials or with another scheme.
    private static func token(in headers: HTTPFields) -> String? {
        guard let authorization = headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard let scheme = parts.first, scheme.lowercased() == "bearer" else { return nil }
        return parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    }
}
