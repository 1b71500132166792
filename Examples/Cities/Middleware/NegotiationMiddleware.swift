import HTTPPipeline
import HTTPTypes
import Hummingbird

/// Chooses format and language of the answer before the pipelines run, whose keys hold both.
struct NegotiationMiddleware: RouterMiddleware {
    /// The formats on offer; `?format=` names one of them and goes before Accept.
    static let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"),
        .init(name: "csv", mediaType: "text/csv"),
    ])

    /// The languages that countries have names in.
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
