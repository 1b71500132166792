#if Hummingbird
import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import HummingbirdTesting
import KeyConstructor
import Logging
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct HummingbirdPipelineTests {
    typealias Context = BasicPipelineRequestContext

    /// The position of a pipeline in an application.
    enum Placement: CaseIterable {
        case none, middleware, handler, responder
    }

    struct CustomError: HTTPResponseError {
        let status = HTTPResponse.Status.notFound

        func response(from request: Request, context: some RequestContext) throws -> Response {
            Response(
                status: status, headers: [.contentType: "text/x-error"], body: .init(byteBuffer: .init(string: "no")))
        }
    }

    /// Records what a pipeline sees.
    final class Probe: Middleware {
        let seen = Mutex<[Exchange]>([])
        let replies = Mutex<[Reply]>([])
        let detachable = Mutex<[Bool]>([])

        func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
            seen.withLock { $0.append(exchange) }
            detachable.withLock { $0.append(next.detached != nil) }
            let reply = try await next(exchange)
            replies.withLock { $0.append(reply) }
            return reply
        }
    }

    /// An application with one pipeline in a given position.
    static func application(
        _ placement: Placement,
        _ stack: Pipeline,
        _ path: RouterPath = "item/{id}",
        handler: @escaping @Sendable @concurrent (Request, Context) async throws -> Response
    ) -> some ApplicationProtocol {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
        if placement == .middleware { router.add(middleware: PipelineMiddleware(stack)) }
        let route = placement == .handler ? stack.wrap(as: "ItemView", handler) : handler
        router.get(path, use: route)
        router.put(path, use: route)
        let responder = router.buildResponder()
        return Application(
            responder: CallbackResponder<Context> { request, context in
                placement == .responder
                    ? try await stack.wrap(responder).respond(to: request, context: context)
                    : try await responder.respond(to: request, context: context)
            },
            // Repeated requests may be answered in the channel.
            server: .onEventLoops(answeringHits: ChannelHits(runtime: CacheRuntime())),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: logger
        )
    }

    static func cache(key: KeyConstructor = .safeDefault, maximumBodySize: Int = 1_000_000) -> Pipeline {
        var settings = CacheSettings.standard
        settings.maximumBodySize = maximumBodySize
        settings.answersBelowFramework = true
        return Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 64 << 20)) { $0 = settings }
        }
    }

    static let cacheStatus = HTTPField.Name("Cache-Status")!

    @Test(arguments: [Placement.middleware, .handler, .responder])
    func `In every placement the second request is a hit`(placement: Placement) async throws {
        // Over a live server.
        let counter = HandlerCounter()
        let app = Self.application(placement, Self.cache()) { _, context in
            let id = try context.parameters.require("id")
            let run = counter.increment()
            return Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: ByteBuffer(string: "item \(id) run \(run)"))
            )
        }
        try await app.test(.live) { client in
            let miss = try await client.executeRequest(uri: "/item/5", method: .get, headers: [:], body: nil)
            #expect(miss.headers[Self.cacheStatus] == "ResponseCache; fwd=uri-miss; stored")
            let hit = try await client.executeRequest(uri: "/item/5", method: .get, headers: [:], body: nil)
            #expect(hit.headers[Self.cacheStatus] == "ResponseCache; hit")
            #expect(String(buffer: hit.body) == "item 5 run 1")
            #expect(hit.headers[.contentType] == "text/plain")
            #expect(hit.headers[.contentLength] == "12")
            #expect(counter.count == 1)

            let tag = try #require(hit.headers[.eTag])
            let current = try await client.executeRequest(
                uri: "/item/5", method: .get, headers: [.ifNoneMatch: tag], body: nil
            )
            #expect(current.status == .notModified)
            #expect(current.headers[.eTag] == tag)
            #expect(current.headers[.contentLength] == nil)
            #expect(current.body.readableBytes == 0)

            let head = try await client.executeRequest(uri: "/item/5", method: .head, headers: [:], body: nil)
            #expect(head.headers[Self.cacheStatus] == "ResponseCache; hit")
            #expect(head.headers[.contentLength] == "12")
            #expect(head.body.readableBytes == 0)

            let other = try await client.executeRequest(uri: "/item/6", method: .get, headers: [:], body: nil)
            #expect(String(buffer: other.body) == "item 6 run 2")
        }
    }

    @Test(arguments: [
        ("application/problem+json", #"{"status":404,"title":"Not Found","detail":"no item"}"#),
        ("*/*", #"{"detail":"no item"}"#),
    ])
    func `Thrown problem details have the form that the client accepts`(accept: String, body: String) async throws {
        let app = Self.application(.none, Self.cache()) { _, _ in throw ProblemDetails(.notFound, "no item") }
        let response = try await app.test(.live) { client in
            try await client.executeRequest(uri: "/item/5", method: .get, headers: [.accept: accept], body: nil)
        }
        #expect(response.status == .notFound)
        #expect(String(buffer: response.body) == body)
        #expect(response.headers[.vary] == "Accept")
    }

    @Test(arguments: [Placement.middleware, .handler, .responder])
    func `A pipeline does not change how thrown errors look`(placement: Placement) async throws {
        struct Unrendered: Error {}
        let errors: [any Error] = [
            HTTPError(.notFound, message: "no item"), ProblemDetails(.conflict, "no"), CustomError(), Unrendered(),
        ]
        for error in errors {
            var responses: [TestResponse] = []
            for placement in [.none, placement] {
                let app = Self.application(placement, Self.cache()) { _, _ in throw error }
                for uri in ["/item/5", "/item/5", "/nowhere"] {
                    let response = try await app.test(.live) { client in
                        try await client.executeRequest(uri: uri, method: .get, headers: [:], body: nil)
                    }
                    responses.append(response)
                }
            }
            for (plain, piped) in zip(responses[..<3], responses[3...]) {
                #expect(plain.status == piped.status)
                #expect(plain.body == piped.body)
                // Before the router errors are responses already, and have a Cache-Status.
                var fields = piped.headers
                fields[Self.cacheStatus] = nil
                #expect(plain.headers.filter { $0.name != .date } == fields.filter { $0.name != .date })
            }
        }
    }

    @Test(arguments: [Placement.middleware, .handler, .responder])
    func `A response to a thrown HTTPError has Cache-Status`(placement: Placement) async throws {
        let app = Self.application(placement, Self.cache()) { _, _ in
            throw HTTPError(
                .notFound, headers: [Self.cacheStatus: "upstream; hit", .retryAfter: "5"], message: "no item")
        }
        try await app.test(.live) { client in
            let response = try await client.executeRequest(uri: "/item/5", method: .get, headers: [:], body: nil)
            #expect(response.status == .notFound)
            #expect(response.headers[values: Self.cacheStatus] == ["upstream; hit", "ResponseCache; fwd=uri-miss"])
            #expect(response.headers[values: .retryAfter] == ["5"])
            #expect(String(buffer: response.body) == #"{"error":{"message":"no item"}}"#)
        }
    }

    @Test func `Changes of middleware to a thrown HTTPError are sent`() async throws {
        struct Retrying: Middleware {
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                var reply = try await next(exchange)
                reply.headerFields[.retryAfter] = "7"
                reply.status = .serviceUnavailable
                return reply
            }
        }
        let router = Router(context: Context.self)
        let stack = Pipeline {
            Retrying()
            CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20)) { $0.cachesErrors = true }
        }
        router.get("a", use: stack.wrap { _, _ -> String in throw HTTPError(.badGateway, message: "no") })
        try await Application(router: router).test(.live) { client in
            for status in ["fwd=uri-miss; stored", "hit"] {
                let response = try await client.executeRequest(uri: "/a", method: .get, headers: [:], body: nil)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[values: .retryAfter] == ["7"])
                #expect(response.headers[values: .contentType] == ["application/json; charset=utf-8"])
                #expect(response.headers[Self.cacheStatus] == "ResponseCache; \(status)")
                #expect(String(buffer: response.body) == #"{"error":{"message":"no"}}"#)
            }
        }
    }

    @Test func `Middleware sees a thrown error as its rendering`() async throws {
        // The error is thrown again afterwards.
        struct Catching: RouterMiddleware {
            typealias Context = BasicPipelineRequestContext
            let caught: HandlerCounter
            @concurrent
            func handle(
                _ input: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
            ) async throws -> Response {
                do {
                    return try await next(input, context)
                } catch is CustomError {
                    caught.increment()
                    return Response(status: .conflict)
                }
            }
        }
        let probe = Probe()
        let caught = HandlerCounter()
        let router = Router(context: Context.self)
        router.add(middleware: Catching(caught: caught))
        router.add(middleware: PipelineMiddleware(Pipeline { probe }))
        router.get("a") { _, _ -> Response in throw CustomError() }
        try await Application(router: router).test(.router) { client in
            let response = try await client.executeRequest(uri: "/a", method: .get, headers: [:], body: nil)
            #expect(response.status == .conflict)
        }
        #expect(caught.count == 1)
        let reply = try #require(probe.replies.withLock { $0.first })
        #expect(reply.status == .notFound)
        #expect(reply.thrownError is CustomError)
        #expect(try await reply.text() == "no")
    }

    /// A context as an application declares it: no `Sendable`, and only the properties that it has.
    struct AppRequestContext: PipelineRequestContext {
        var coreContext: CoreRequestContextStorage
        var userID: String?

        init(source: Source) {
            coreContext = CoreRequestContextStorage(source: source)
        }
    }

    @Test func `Middleware of a closure caches a group`() async throws {
        let counter = HandlerCounter()
        let store = MemoryStore(byteLimit: 1 << 20)
        let router = Router(context: AppRequestContext.self)
        router.group("cities")
            .add(
                middleware: PipelineMiddleware {
                    ETagMiddleware(key: .safeDefault)
                    CacheResponseMiddleware(.forever, in: store)
                }
            )
            .get { _, _ in "run \(counter.increment())" }
        let wrapped = Pipeline { CacheResponseMiddleware(.forever, in: store) }
        router.get("wrapped", use: wrapped.wrap { _, _ in "run \(counter.increment())" })
        try await Application(responder: Pipeline {}.wrap(router.buildResponder())).test(.router) { client in
            for (uri, text) in [
                ("/cities", "run 1"), ("/wrapped", "run 2"), ("/cities", "run 1"), ("/wrapped", "run 2"),
            ] {
                try await client.execute(uri: uri, method: .get) { #expect(String(buffer: $0.body) == text) }
            }
        }
    }

    @Test func `Paths of one wildcard route are separate`() async throws {
        for placement in [Placement.middleware, .handler, .responder] {
            let app = Self.application(placement, Self.cache(), "files/*") { request, _ in
                Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: request.uri.string)))
            }
            try await app.test(.live) { client in
                for uri in [
                    "/files/a", "/files/b", "/files/a?p%61ge=2", "/files/a?page=2", "/files/a?q=a+b",
                    "/files/a?q=a%20b",
                ] {
                    let response = try await client.executeRequest(uri: uri, method: .get, headers: [:], body: nil)
                    #expect(String(buffer: response.body) == uri)
                }
            }
        }
    }

    @Test func `A stored error is thrown as an error`() async throws {
        let counter = HandlerCounter()
        let stack = Pipeline {
            CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20)) { $0.cachesErrors = true }
        }
        let app = Self.application(.handler, stack) { _, _ in
            counter.increment()
            throw CustomError()
        }
        try await app.test(.live) { client in
            for _ in 0..<2 {
                let response = try await client.executeRequest(uri: "/item/1", method: .get, headers: [:], body: nil)
                #expect(response.status == .notFound)
                #expect(String(buffer: response.body) == "no")
                #expect(response.headers[.contentType] == "text/x-error")
            }
        }
        #expect(counter.count == 1)
    }

    @Test func `A streaming response of 10 MiB arrives byte for byte`() async throws {
        let chunk = ByteBuffer(bytes: (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &>> 3) })
        for placement in [Placement.middleware, .handler, .responder] {
            let app = Self.application(placement, Self.cache()) { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        for _ in 0..<160 { try await writer.write(chunk) }
                        try await writer.finish(nil)
                    })
            }
            try await app.test(.live) { client in
                for _ in 0..<2 {
                    let response = try await client.executeRequest(
                        uri: "/item/1", method: .get, headers: [:], body: nil)
                    #expect(response.body.readableBytes == 10 << 20)
                    var body = response.body
                    var same = true
                    while let part = body.readSlice(length: 65_536) { same = same && part == chunk }
                    #expect(same)
                    #expect(response.headers[Self.cacheStatus] == "ResponseCache; fwd=uri-miss")
                }
            }
        }
    }

    @Test(arguments: [(1_000_000, 1), (1_000_001, 2)])
    func `A body above the limit is delivered but not stored`(size: Int, runs: Int) async throws {
        let counter = HandlerCounter()
        let app = Self.application(.handler, Self.cache()) { _, _ in
            counter.increment()
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 65, count: size)))
        }
        try await app.test(.live) { client in
            for _ in 0..<2 {
                let response = try await client.executeRequest(uri: "/item/1", method: .get, headers: [:], body: nil)
                #expect(response.body == ByteBuffer(repeating: 65, count: size))
            }
        }
        #expect(counter.count == runs)
    }

    @Test func `A forwarded response keeps the framework's body`() async throws {
        let probe = Probe()
        let app = Self.application(.middleware, Pipeline { probe }) { _, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "own")))
        }
        try await app.test(.live) { client in
            let response = try await client.executeRequest(uri: "/item/1", method: .get, headers: [:], body: nil)
            #expect(String(buffer: response.body) == "own")
            #expect(response.headers[.contentLength] == "3")
        }
        // The pipeline sees a Hummingbird body as a stream and returns the original buffer.
        let reply = try #require(probe.replies.withLock { $0.first })
        guard case .stream(let stream) = reply.body.content else {
            Issue.record("the body was replaced")
            return
        }
        #expect(String(describing: type(of: stream)) == "HummingbirdBody")
    }

    @Test func `The exchange has the route, parameters and context values`() async throws {
        let probe = Probe()
        for placement in [Placement.middleware, .handler, .responder] {
            let app = Self.application(placement, Pipeline { probe }) { _, _ in Response(status: .ok) }
            try await app.test(.live) { client in
                _ = try await client.executeRequest(uri: "/item/a%20b?x=1", method: .head, headers: [:], body: nil)
            }
        }
        let seen = probe.seen.withLock { $0 }
        #expect(
            seen.map(\.route) == [
                Route(view: "/item/{id}", method: "get", template: "/item/{id}"),
                Route(view: "ItemView", method: "get", template: "/item/{id}"),
                Route(view: "/item/a%20b", method: "get"),
            ])
        #expect(seen[0].pathParameters == PathParameters(named: [.init("id", "a%20b")]))
        #expect(seen[0].remoteAddress?.ipAddress == "127.0.0.1")
        #expect(seen[0].queryParameters["x"] == "1")
        #expect(probe.detachable.withLock { $0 } == [false, true, true])
    }

    @Test func `A handler receives the changes of middleware`() async throws {
        struct Rewriting: Middleware {
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                var exchange = exchange
                let body = try await exchange.body.collect(upTo: 100)
                exchange.body = HTTPPipeline.RequestBody(ByteBuffer(string: String(buffer: body).uppercased()))
                exchange.request.headerFields[.from] = "middleware"
                return try await next(exchange)
            }
        }
        for placement in [Placement.middleware, .handler, .responder] {
            let app = Self.application(placement, Pipeline { Rewriting() }) { request, _ in
                let body = try await request.body.collect(upTo: 100)
                return Response(
                    status: .ok, headers: [.from: request.headers[.from] ?? "none"], body: .init(byteBuffer: body)
                )
            }
            try await app.test(.live) { client in
                let response = try await client.executeRequest(
                    uri: "/item/1", method: .put, headers: [:], body: ByteBuffer(string: "hello")
                )
                #expect(String(buffer: response.body) == "HELLO")
                #expect(response.headers[.from] == "middleware")
            }
        }
    }

    @Test func `Trailers of a streaming response pass through a pipeline`() async throws {
        let probe = Probe()
        let app = Self.application(
            .handler,
            Pipeline {
                probe; Self.cache()
            }
        ) { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "body"))
                    try await writer.finish([.from: "trailer"])
                })
        }
        try await app.test(.live) { client in
            let response = try await client.executeRequest(uri: "/item/1", method: .get, headers: [:], body: nil)
            #expect(String(buffer: response.body) == "body")
            #expect(response.trailerHeaders?[.from] == "trailer")
        }
    }
}
#endif
