import HTTPPipeline
import HTTPTypes
import Hummingbird

/// Handles requests for cities. It does not depend on keys and caches, and only updates depend on tags.
struct CityController: Sendable {
    let repository: CityRepository
    /// The versions against which conditional updates were evaluated.
    let versions: CityVersions
    /// The codes of all countries.
    let countryCodes: Set<String>

    func list(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let query = try CityListQuery(QueryParameters(target: request.head.path ?? ""))
        let page = try await repository.page(query, language: context.activeLanguage)
        return try Response(page, for: context)
    }

    func create(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let input = try await input(from: request, context: context, isPartial: false)
        let city = try await repository.insert(input, language: context.activeLanguage)
        return try Response(city, for: context, status: .created, headers: [.location: "/cities/\(city.id)"])
    }

    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        let city = try await repository.city(try context.cityID, language: context.activeLanguage)
        return try Response(city, for: context)
    }

    func replace(_ request: Request, context: CitiesRequestContext, exchange: Exchange) async throws -> Response {
        try await update(request, context: context, exchange: exchange, isPartial: false)
    }

    func update(_ request: Request, context: CitiesRequestContext, exchange: Exchange) async throws -> Response {
        try await update(request, context: context, exchange: exchange, isPartial: true)
    }

    func delete(_ request: Request, context: CitiesRequestContext, exchange: Exchange) async throws -> Response {
        try await repository.delete(try context.cityID, version: try await versions.evaluatedVersion(of: exchange))
        return Response(status: .noContent)
    }

    private func update(
        _ request: Request,
        context: CitiesRequestContext,
        exchange: Exchange,
        isPartial: Bool
    ) async throws -> Response {
        let id = try context.cityID
        let input = try await input(from: request, context: context, isPartial: isPartial)
        let city = try await repository.update(
            id, with: input, replacing: try await versions.evaluatedVersion(of: exchange),
            language: context.activeLanguage
        )
        return try Response(city, for: context)
    }

    private func input(
        from request: Request,
        context: CitiesRequestContext,
        isPartial: Bool
    ) async throws -> CityInput {
        let body = try JSONBody(try await request.body.collect(upTo: context.maxUploadSize))
        return try CityInput(body, isPartial: isPartial, countryCodes: countryCodes)
    }
}
