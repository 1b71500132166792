import Hummingbird

/// Refuses anonymous users, before a pipeline looks for an answer to give them.
struct UserRequirement: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request,
        context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        _ = try context.requiredUserID
        return try await next(request, context)
    }
}
