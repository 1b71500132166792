#if Hummingbird
import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import NIOCore
import PipelineTesting
import Testing

/// Hummingbird's `consumeWithCancellationOnInboundClose` ends the process if the request no longer has its original body.
@Suite(.timeLimit(.minutes(2))) struct InboundCloseTests {
    static func events(_ request: Request) async throws -> Response {
        try await request.body.consumeWithCancellationOnInboundClose { body in
            let text = String(buffer: try await body.collect(upTo: 100))
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "events\(text)")))
        }
    }

    static let stack = Pipeline {
        ETagMiddleware(tag: { _ in EntityTag("1") })
        CacheResponseMiddleware(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
    }

    private enum Placement: CaseIterable {
        case handler, middleware, responder
    }

    @Test(arguments: Placement.allCases)
    private func `A handler can observe the end of its connection`(placement: Placement) async throws {
        let router = Router(context: BasicPipelineRequestContext.self)
        if placement == .middleware { router.add(middleware: PipelineMiddleware(Self.stack)) }
        let handler: @Sendable @concurrent (Request, BasicPipelineRequestContext) async throws -> Response = {
            request, _ in try await Self.events(request)
        }
        let route = placement == .handler ? Self.stack.wrap(handler) : handler
        router.get("events", use: route)
        router.put("events", use: route)
        let responder = router.buildResponder()
        let app = Application(
            responder: CallbackResponder<BasicPipelineRequestContext> { request, context in
                placement == .responder
                    ? try await Self.stack.wrap(responder).respond(to: request, context: context)
                    : try await responder.respond(to: request, context: context)
            })
        try await app.test(.live) { client in
            let read = try await client.executeRequest(uri: "/events", method: .get, headers: [:], body: nil)
            #expect(String(buffer: read.body) == "events")
        }
        try await app.test(.live) { client in
            let write = try await client.executeRequest(
                uri: "/events", method: .put, headers: [:], body: ByteBuffer(string: " x"))
            #expect(String(buffer: write.body) == "events x")
        }
    }

    @Test func `Another spelling of a path parameter is purged by tag`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let stack = Pipeline {
            CacheResponseMiddleware(.minutes(1), in: store) {
                $0.tags = ["user:{id}"]
                $0.purgesTags = ["user:{id}"]
            }
        }
        let counter = HandlerCounter()
        let router = Router(context: BasicPipelineRequestContext.self)
        router.get("users/{id}/posts", use: stack.wrap { _, _ in "\(counter.increment())" })
        router.put("users/{id}", use: stack.wrap { _, _ in HTTPResponse.Status.ok })
        try await Application(router: router).test(.live) { client in
            func get(_ uri: String) async throws -> String {
                String(buffer: try await client.executeRequest(uri: uri, method: .get, headers: [:], body: nil).body)
            }
            #expect(try await get("/users/jos%c3%a9/posts") == "1")
            _ = try await client.executeRequest(uri: "/users/jos%C3%A9", method: .put, headers: [:], body: nil)
            #expect(try await get("/users/jos%c3%a9/posts") == "2")
            try await store.purge(.tag("user:josé"))
            #expect(try await get("/users/jos%c3%a9/posts") == "3")
        }
    }
}
#endif
