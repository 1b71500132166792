import HTTPPipeline
import HTTPTypes
import Hummingbird

/// Negotiates the format and language of the response before the pipelines, whose keys contain both.
struct NegotiationMiddleware: RouterMiddleware {
    /// The offered formats. `?format=` selects one of them and overrides Accept.
    static let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"),
        .init(name: "csv", mediaType: "text/csv"),
    ])

    /// The languages of the names of countries.
    static let languages = LanguageNegotiation(["en", "de"])

    @concurrent
    func handle(
        _ request: Request,
        context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            context.format = try Self.formats.format(
                accept: request.headers[.accept],
                query: QueryParameters(target: request.head.path ?? "")["format"]
            ).name
        } catch {
            throw APIError(.notAcceptable, "\(error)")
        }
        context.language = Self.languages.language(accept: request.headers[.acceptLanguage])
        return try await next(request, context)
    }
}
