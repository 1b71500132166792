import Hummingbird

/// Refuses anonymous users before a pipeline looks up a response.
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
