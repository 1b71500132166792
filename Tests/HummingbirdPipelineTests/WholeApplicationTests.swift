#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// A pipeline around a whole application, before the router.
@Suite struct WholeApplicationTests {
    typealias Context = BasicPipelineRequestContext

    static func expect(
        _ text: String, _ client: some TestClientProtocol, _ method: HTTPRequest.Method, _ uri: String
    ) async throws {
        try await client.execute(uri: uri, method: method) { #expect(String(buffer: $0.body) == text) }
    }

    @Test func `Tags with path parameters work before the router`() async throws {
        // Entries are stored and purged with them.
        let store = MemoryStore(byteLimit: 1 << 20)
        let counter = HandlerCounter()
        let stack = Pipeline {
            CacheResponseMiddleware(.forever, in: store) {
                $0.tags = ["city:{id}"]
                $0.purgesTags = ["city:{id}"]
            }
        }
        let router = Router(context: Context.self)
        router.get("cities/{id}") { _, _ in "run \(counter.increment())" }
        router.get("cities/{id}/weather") { _, _ in "run \(counter.increment())" }
        router.put("cities/{id}") { _, _ in "run \(counter.increment())" }
        let app = Application(responder: stack.wrap(router.buildResponder()))
        try await app.test(.live) { client in
            try await Self.expect("run 1", client, .get, "/cities/5/weather")
            try await Self.expect("run 2", client, .get, "/cities/6/weather")
            try await Self.expect("run 1", client, .get, "/cities/5/weather")
            try await Self.expect("run 3", client, .put, "/cities/5")
            try await Self.expect("run 4", client, .get, "/cities/5/weather")
            try await Self.expect("run 2", client, .get, "/cities/6/weather")
            let count = await store.purge(.tag("city:6"), mode: .hard)
            #expect(count == 1)
        }
    }
}
#endif
