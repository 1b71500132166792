import Hummingbird

/// Handles requests for countries.
struct CountryController: Sendable {
    let repository: CountryRepository

    func list(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let countries = try await repository.all(language: context.activeLanguage)
        return try Response(Listing(countries), for: context)
    }
}
