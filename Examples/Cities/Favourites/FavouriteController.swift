import Hummingbird

/// Handles requests for a user's favourites.
struct FavouriteController: Sendable {
    let repository: FavouriteRepository

    func list(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let cities = try await repository.all(of: try context.requiredUserID, language: context.activeLanguage)
        return try Response(Listing(cities), for: context)
    }

    func add(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        try await repository.add(try context.cityID, of: try context.requiredUserID)
        return Response(status: .noContent)
    }

    func remove(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        try await repository.remove(try context.cityID, of: try context.requiredUserID)
        return Response(status: .noContent)
    }
}
