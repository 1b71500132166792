import Hummingbird

/// Returns a file of a page.
///
/// The page at `/` shows how the cache responds: a list that it fetches, and each fetch with the fields of its response.
struct PageController: Sendable {
    let file: PageFile

    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        Response(status: .ok, headers: file.fields, body: ResponseBody(byteBuffer: file.content))
    }
}
