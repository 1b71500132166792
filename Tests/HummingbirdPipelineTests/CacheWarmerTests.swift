import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import PipelineTesting
import Testing

@Suite struct CacheWarmerTests {
    @Test func `Warming through a router makes clients' requests hits`() async throws {
        let counter = HandlerCounter()
        let stack = Pipeline { CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20)) }
        let router = Router(context: BasicPipelineRequestContext.self)
        router.get("cities/{id}", use: stack.wrap { _, context in "run \(counter.increment())" })
        let responder = router.buildResponder()
        var warmer = CacheWarmer(authority: "localhost")
        warmer.concurrency = 2
        let result = await warmer.warm(["/cities/1", "/cities/2", "/none"], through: responder)
        #expect(result.responses == [.ok: 2, .notFound: 1])
        try await Application(responder: responder).test(.router) { client in
            let fields: HTTPFields = [HTTPField.Name("Host")!: "localhost"]
            let response = try await client.execute(uri: "/cities/1", method: .get, headers: fields)
            #expect(response.headers[HTTPField.Name("Cache-Status")!]?.contains("hit") == true)
        }
        #expect(counter.count == 2)
    }
}
