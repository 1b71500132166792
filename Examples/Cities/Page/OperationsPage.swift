import ETag
import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import ResponseCompression

/// Responds with a page for people when a browser requests the list of operations. Programs get the list as JSON.
///
/// The page uploads a file, shows the progress of its operation, cancels it, and downloads the rows that failed.
struct OperationsPage: Middleware {
    private let html: Reply
    private let pipeline = Pipeline {
        GzipMiddleware()
        ETagMiddleware()
    }

    /// JSON first: it is for clients that accept anything.
    private static let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "html", mediaType: "text/html"),
    ])

    /// Creates the middleware.
    ///
    /// - Parameter html: The page. Its script and style are files of the server.
    init(html: PageFile) {
        var reply = html.reply
        reply.headerFields[.vary] = "Accept"
        reply.headerFields[HTTPField.Name("Content-Security-Policy")!] = """
            default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
            form-action 'none'; frame-ancestors 'none'
            """
        self.html = reply
    }

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard [.get, .head].contains(exchange.request.method), exchange.pathParameters["id"] == nil else {
            return try await next(exchange)
        }
        let accept = exchange.request.headerFields[.accept]
        guard let format = try? Self.formats.format(accept: accept), format.name == "html" else {
            var reply = try await next(exchange)
            reply.headerFields[.vary] = "Accept"
            return reply
        }
        return try await pipeline.respond(to: exchange) { [html] _ in html }
    }
}
