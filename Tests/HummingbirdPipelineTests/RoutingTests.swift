#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import KeyConstructor
import Logging
import NIOCore
import PipelineTesting
import Synchronization
import Testing

/// The name and path parameters of the route as a pipeline sees them.
@Suite struct RoutingTests {
    typealias Context = BasicPipelineRequestContext

    /// Records the path parameters before and after the handler has run.
    final class Watch: Middleware {
        let before = Mutex<[PathParameters]>([])
        let after = Mutex<[PathParameters]>([])

        func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
            before.withLock { $0.append(exchange.pathParametersAfterRouting()) }
            defer { after.withLock { $0.append(exchange.pathParametersAfterRouting()) } }
            return try await next(exchange)
        }
    }

    /// Replaces the body, and thereby the framework's own.
    struct Replacing: Middleware {
        func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
            var exchange = exchange
            exchange.body = HTTPPipeline.RequestBody(ByteBuffer(string: "other"))
            return try await next(exchange)
        }
    }

    static func cached(_ key: KeyConstructor) -> Pipeline {
        Pipeline { CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20)) }
    }

    static func expect(_ text: String, _ client: some TestClientProtocol, _ uri: String) async throws {
        try await client.execute(uri: uri, method: .get) { #expect(String(buffer: $0.body) == text) }
    }

    static let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    @Test func `Routes with different names never share an entry`() async throws {
        let stack = Self.cached(["view": .uniqueViewID])
        let names = ["Books.bestsellers", "Books.new", "Books", "Books.", "Books.get"]
        let router = Router(context: Context.self)
        for (index, name) in names.enumerated() {
            router.get("book\(index)", use: stack.wrap(as: RouteName(name)) { _, _ in name })
        }
        try await Application(router: router, logger: Self.logger).test(.live) { client in
            for _ in 0..<2 {
                for (index, name) in names.enumerated() { try await Self.expect(name, client, "/book\(index)") }
            }
        }
    }

    @Test func `Routes without names never share an entry`() async throws {
        let stack = Self.cached(["view": .uniqueViewID, "path": .pathParameters])
        let router = Router(context: Context.self)
        for group in ["a", "b"] {
            router.group("\(group)").get("x/{id}", use: stack.wrap { _, _ in "handler \(group)" })
            let wrapped = router.group("\(group)/group").add(middleware: PipelineMiddleware(stack))
            wrapped.get("{id}") { _, _ in "group \(group)" }
            wrapped.get("y/{id}") { _, _ in "group \(group) y" }
        }
        try await Application(router: router, logger: Self.logger).test(.live) { client in
            for _ in 0..<2 {
                for group in ["a", "b"] {
                    try await Self.expect("handler \(group)", client, "/\(group)/x/1")
                    try await Self.expect("group \(group)", client, "/\(group)/group/1")
                    try await Self.expect("group \(group) y", client, "/\(group)/group/y/1")
                }
            }
        }
    }

    @Test func `The name is the view, the method is the request's`() async throws {
        let seen = Mutex<[String]>([])
        struct Names: Middleware {
            let add: @Sendable (String) -> Void
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                add("\(exchange.route.view) \(exchange.route.uniqueMethodID)")
                return try await next(exchange)
            }
        }
        let stack = Pipeline { Names { name in seen.withLock { $0.append(name) } } }
        let router = Router(context: Context.self)
        router.get("city", use: stack.wrap(as: "CityView") { _, _ in "" })
        router.put("city", use: stack.wrap(as: "CityView") { _, _ in "" })
        router.get("cities", use: stack.wrap(as: "app.CityView.list") { _, _ in "" })
        try await Application(router: router, logger: Self.logger).test(.router) { client in
            for (uri, method) in [("/city", HTTPRequest.Method.get), ("/city", .put), ("/cities", .get)] {
                try await client.execute(uri: uri, method: method) { #expect($0.status == .ok) }
            }
        }
        let expected = [
            "CityView CityView.get", "CityView CityView.put", "app.CityView.list app.CityView.list.get",
        ]
        #expect(seen.withLock { $0 } == expected)
    }

    /// A template, a path that it matches, and the names of the parameters.
    static let routes: [(RouterPath, String)] = [
        ("cities/{id}", "/cities/5"), ("{a}/towns/:b", "/x/towns/a%20b?c=/d"),
        ("images/{name}.jpg", "/images/sun.set.jpg"),
        ("v{version}/x", "/v2/x"), ("any/*/{id}", "/any/thing/5"), ("files/**", "/files/a//b/c"), ("fixed", "/fixed"),
        ("deep/**/{id}", "/deep/a/b"), ("twice/{id}/{id}", "/twice/1/2"), ("slashes/{id}", "//slashes//5/"),
    ]

    @Test(arguments: [false, true], [false, true])
    func `Before the router parameters are known after the handler runs`(
        replacesBody: Bool, throwsError: Bool
    ) async throws {
        for (path, uri) in Self.routes {
            let watch = Watch()
            let seen = Mutex<PathParameters?>(nil)
            let router = Router(context: Context.self)
            router.get(path) { _, context -> Response in
                let named = context.parameters.map {
                    PathParameters.Parameter(String($0.key), .string(String($0.value)))
                }
                seen.withLock { $0 = PathParameters(named: named) }
                if throwsError { throw HTTPError(.conflict) }
                return Response(status: .ok)
            }
            let stack = Pipeline {
                if replacesBody { Replacing() }
                watch
            }
            let app = Application(responder: stack.wrap(router.buildResponder()), logger: Self.logger)
            try await app.test(.live) { client in
                try await client.execute(uri: uri, method: .get) {
                    #expect($0.status == (throwsError ? .conflict : .ok))
                }
                try await client.execute(uri: "/nowhere", method: .get) { #expect($0.status == .notFound) }
            }
            #expect(watch.before.withLock { $0 } == [PathParameters(), PathParameters()])
            #expect(watch.after.withLock { $0 } == [seen.withLock { $0 }, PathParameters()], "\(path)")
        }
    }

    @Test func `Behind the router the parameters are known from the start`() async throws {
        let watch = Watch()
        let stack = Pipeline { watch }
        let router = Router(context: Context.self)
        router.get("handler/{id}", use: stack.wrap(as: "View") { _, _ in "" })
        router.group("group").add(middleware: PipelineMiddleware(stack)).get("{id}") { _, _ in "" }
        try await Application(router: router, logger: Self.logger).test(.router) { client in
            for uri in ["/handler/5", "/group/5"] { try await Self.expect("", client, uri) }
        }
        let five = PathParameters(named: [.init("id", "5")])
        #expect(watch.before.withLock { $0 } == [five, five])
        #expect(watch.after.withLock { $0 } == [five, five])
    }
}
#endif
