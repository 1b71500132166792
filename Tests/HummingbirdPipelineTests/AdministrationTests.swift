#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import KeyConstructor
import PipelineTesting
import Testing

/// The administration of a Hummingbird application explains the keys that its routes have.
@Suite struct AdministrationTests {
    typealias Context = BasicPipelineRequestContext

    private static func stack(_ runtime: CacheRuntime, key: KeyConstructor? = nil) -> Pipeline {
        var settings = CacheSettings.standard
        settings.explainsStatus = true
        return Pipeline([
            CacheResponseMiddleware(.forever, key: key, in: RecordingStore(), runtime: runtime) { $0 = settings }
        ])
    }

    private static func router(_ runtime: CacheRuntime) -> Router<Context> {
        let router = Router(context: Context.self)
        let stack = stack(runtime)
        router.get("books/{id}", use: stack.wrap(as: "Books.object") { _, _ in "book" })
        router.get("books", use: stack.wrap { _, _ in "books" })
        router.get("files/**", use: stack.wrap(as: "Files") { _, _ in "file" })
        router.get("images/{name}.jpg", use: stack.wrap(as: "Images") { _, _ in "image" })
        router.group("v2").add(middleware: PipelineMiddleware(stack)).get(":id/pages/*") { _, _ in "page" }
        return router
    }

    @Test(arguments: [
        ("/books/3", "Books.object"), ("/books/a%20b?x=%2F&y", "Books.object"), ("/books?page=2", "%2Fbooks"),
        ("/files/a/b.txt", "Files"), ("/images/x.jpg", "Images"), ("/v2/7/pages/1", "%2Fv2%2F%7Bid%7D%2Fpages%2F%2A"),
    ])
    func `Every route's key is explained`(target: String, name: String) async throws {
        let runtime = CacheRuntime.testing()
        let administration = Pipeline([
            CacheAdministration(
                of: CacheStores(default: RecordingStore()), runtime: runtime,
                allowing: AccessCheck { _ in true })
        ])
        let app = Application(responder: administration.wrap(Self.router(runtime).buildResponder()))
        try await Self.expectExplanation(of: target, name, app)
    }

    @Test func `A pipeline around the application explains the keys of paths`() async throws {
        let runtime = CacheRuntime.testing()
        let router = Router(context: Context.self)
        router.get("books/{id}") { _, _ in "book" }
        let administration = CacheAdministration(
            of: CacheStores(default: RecordingStore()), runtime: runtime,
            allowing: AccessCheck { _ in true })
        let stack = Self.stack(runtime)
        let app = Application(
            responder: Pipeline([administration]).wrap(stack.wrap(router.buildResponder())))
        try await Self.expectExplanation(of: "/books/3", "unrouted", app)
    }

    private static func expectExplanation(
        of target: String, _ name: String, _ app: some ApplicationProtocol
    ) async throws {
        try await app.test(.live) { client in
            let status = try await client.execute(uri: target, method: .get) { response in
                response.headers[HTTPField.Name("Cache-Status")!] ?? ""
            }
            let key = try #require(status.firstMatch(of: #/key="([0-9a-f]+)"/#)).1
            let query = target.replacing("%", with: "%25").replacing("?", with: "%3F").replacing("&", with: "%26")
            let uri = "/cache-administration/keys/\(name)?target=\(query)"
            try await client.execute(uri: uri, method: .get) { response in
                let text = String(buffer: response.body)
                #expect(text.contains("\"key\": \"\(key)\""), "\(text)")
                #expect(text.contains(#""status": 200"#), "\(text)")
            }
        }
    }
}
#endif
