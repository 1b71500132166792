import HTTPTypes
import Hummingbird
import NIOCore

/// Returns a page that shows how the cache responds: a list that it fetches, and each fetch with the fields of its response.
struct PageController: Sendable {
    private let html: ByteBuffer

    /// Reads the page, which comes with the application.
    init() throws {
        html = ByteBuffer(bytes: try DataFile.contents(of: "index", "html"))
    }

    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: html)
        )
    }
}
