#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import KeyConstructor
import Logging
import NIOCore
import NIOEmbedded
import PipelineTesting
import Synchronization
import Testing

/// Key bits compared with what a handler reads from the same request through Hummingbird: requests that it reads differently have
/// different keys.
@Suite struct KeyReadingTests {
    typealias Context = BasicPipelineRequestContext

    /// One value that a handler can read, and the bit whose key has to separate it.
    struct Reading: Sendable {
        let name: String
        let bit: KeyConstructor.Bit
        let read: @Sendable (Request, Context, Exchange) -> [String?]

        init(
            _ name: String, _ bit: KeyConstructor.Bit,
            _ read: @escaping @Sendable (Request, Context, Exchange) -> [String?]
        ) {
            self.name = name
            self.bit = bit
            self.read = read
        }
    }

    /// Sends requests to a handler behind a pipeline, and expects different keys where the readings differ.
    static func check(
        _ readings: [Reading], _ requests: [HTTPRequest], path: RouterPath = "**"
    ) async throws {
        let found = Mutex<[(values: [String?], key: CacheKey?)]>([])
        for reading in readings {
            found.withLock { $0 = [] }
            let key: KeyConstructor = ["bit": reading.bit]
            let router = Router(context: Context.self)
            router.get(
                path,
                use: Pipeline {}.wrap(as: "View") { request, context, exchange in
                    let values = reading.read(request, context, exchange)
                    found.withLock { $0.append((values, key.synchronousKey(for: exchange))) }
                    return ""
                })
            let responder = router.buildResponder()
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            for head in requests {
                // Not through a client, which would not send such a request.
                let source = ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: logger)
                let request = Request(head: head, body: .init(buffer: ByteBuffer()))
                _ = try await responder.respond(to: request, context: Context(source: source))
            }
            let all = found.withLock { $0 }
            #expect(all.count == requests.count, "\(reading.name)")
            for (index, one) in all.enumerated() {
                for (other, two) in all[..<index].enumerated() where one.values != two.values {
                    #expect(one.key != two.key, "\(reading.name): \(requests[index]) and \(requests[other])")
                }
            }
        }
    }

    static func request(
        _ path: String = "/x", authority: String? = "example.test", scheme: String? = "http",
        _ lines: [(String, String)] = []
    ) -> HTTPRequest {
        var request = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
        for (name, value) in lines { request.headerFields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
        return request
    }

    @Test func `Cookies are read into the key`() async throws {
        let fields: [[String]] = [
            [], ["sid=dark"], ["sid =dark"], [" sid=dark"], ["sid= dark"], ["sid=dark "], ["sid=\"dark\""], ["sid"],
            ["sid="], ["=dark"], ["sid==dark"], ["=sid=dark"], ["sid=a; sid=b"], ["sid=b; sid=a"], ["sid=a", "sid=b"],
            ["sid=b", "sid=a"], ["a=1;sid=dark"], ["a=1,sid=dark"], ["a=1;;sid=dark"], ["SID=dark"],
            ["sid=dark;\u{301}a=1"],
            ["a=1;\u{301}sid=dark"], ["\u{A0}sid=light"], ["sid\t=dark"], ["a=\"1; sid=dark\""], ["sid=\u{E9}"],
            ["sid=e\u{301}"],
        ]
        try await Self.check(
            [
                Reading("sid", .cookies(["sid"])) { request, _, _ in
                    [request.cookies["sid"].map { "\($0.name) \($0.value)" }]
                },
                Reading("all", .cookies("*")) { request, _, _ in
                    request.headers[values: .cookie] + ["sid", "a", "", "SID"].map { request.cookies[$0]?.value }
                },
                Reading("field", .headers(["cookie"])) { request, _, _ in [request.headers[.cookie]] },
            ], fields.map { lines in Self.request("/x", lines.map { ("Cookie", $0) }) })
    }

    @Test func `Queries are read into the key`() async throws {
        let queries = [
            "", "?", "?a", "?a=", "?a=1", "?a=1&a=2", "?a=2&a=1", "?%61=1", "?%61=1&a=2", "?a=1&%61=2", "?a=+",
            "?a=%20", "?a=%2B",
            "?a=%zz", "?a=%41%zz", "?a=A%zz", "?a=%4", "?a=%C3", "?a=\u{E9}", "?a=e\u{301}", "?a=1#b", "?a=1#&a=2",
            "?a#=2&a=3",
            "?&a=1", "?=1", "?a=1&", "?a=1&&", "?a?=1", "?a=b=c", "?b=1&a=1", "?a=1&b=1", "?A=1", "?a=1;b=2", "?a[]=1",
            "?a+b=1",
            "?a%20b=1", "?\u{E9}=1", "?e\u{301}=1", "?e\u{301}=1&\u{E9}=2",
        ]
        let names = ["a", "b", "A", "", "a b", "a+b", "\u{E9}", "a[]"]
        try await Self.check(
            [
                Reading("named, Hummingbird", .queryParameters(.names(names))) { request, _, _ in
                    let parameters = request.uri.queryParameters
                    return names.map { name in
                        parameters[values: name[...]].joined(separator: "\n") + " \(parameters.has(name[...]))"
                    }
                },
                Reading("named, exchange", .queryParameters(.names(names))) { _, _, exchange in
                    names.map { name in exchange.queryParameters.values(for: name).debugDescription }
                },
                Reading("all, Hummingbird", .queryParameters) { request, _, _ in
                    request.uri.queryParameters.map { "\($0.key)=\($0.value)" }.sorted()
                },
                Reading("all, exchange", .queryParameters) { _, _, exchange in
                    exchange.queryParameters.parameters.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value)" }
                },
                Reading("pagination", .pagination(["a"])) { request, _, exchange in
                    [request.uri.queryParameters["a"].map(String.init), exchange.queryParameters["a"]]
                },
                Reading("target", .target) { request, _, _ in [request.uri.string, request.uri.query, request.uri.path]
                },
            ], queries.map { Self.request("/x" + $0) })
    }

    @Test func `Paths are read into the key`() async throws {
        let paths = [
            "/x/1", "/x/a%20b", "/x/a+b", "/x/a b", "/x/%31", "//x//1", "/x/1/", "/x/\u{E9}", "/x/e\u{301}",
            "/x/1?a=/2", "/x/1#a",
        ]
        try await Self.check(
            [
                Reading("parameters", .pathParameters) { _, context, _ in [context.parameters.get("id")] },
                Reading("parameter", .pathParameters(["id"])) { _, context, _ in [context.parameters.get("id")] },
                Reading("path", .path) { request, _, _ in [request.uri.path] },
            ], paths.map { Self.request($0) }, path: "x/{id}")
        try await Self.check(
            [
                Reading("wildcard", .pathParameters) { _, context, _ in
                    [context.parameters.getCatchAll().joined(separator: "/")]
                }
            ], paths.map { Self.request($0) }, path: "x/**")
    }

    @Test func `Hosts and schemes are read into the key`() async throws {
        let requests = [
            Self.request(authority: nil), Self.request(authority: ""), Self.request(authority: "a"),
            Self.request(authority: "a:80"),
            Self.request(authority: nil, [("Host", "a")]), Self.request(authority: nil, [("Host", "b")]),
            Self.request(authority: nil, [("Host", "b"), ("Host", "a")]),
            Self.request(authority: nil, [("Host", "b, a")]),
            Self.request(authority: nil, [("Host", "")]), Self.request(scheme: "https"), Self.request(scheme: nil),
            Self.request(scheme: "HTTP"),
        ]
        try await Self.check(
            [
                Reading("host", .host) { request, _, _ in
                    [request.head.authority ?? request.headers[.init("Host")!]]
                },
                Reading("first host", .host) { request, _, _ in
                    [request.head.authority ?? request.headers[values: .init("Host")!].first]
                },
                Reading("entry", .requestMeta(["HTTP_HOST"])) { request, _, _ in
                    [request.head.authority ?? request.headers[.init("Host")!]]
                },
                Reading("scheme", .scheme) { request, _, _ in [request.head.scheme] },
            ], requests)
    }

    @Test func `Header fields are read into the key`() async throws {
        let lines: [[(String, String)]] = [
            [], [("X-A", "")], [("X-A", "1")], [("x_a", "1")], [("X-A", "1"), ("X_A", "2")],
            [("X-A", "2"), ("X_A", "1")],
            [("X-A", "1"), ("x-a", "2")], [("X-A", "2"), ("X-A", "1")], [("X-B", "1")], [("X-A", "\u{E9}")],
            [("X-A", "e\u{301}")],
        ]
        let read: @Sendable (Request, Context, Exchange) -> [String?] = { request, _, _ in
            [request.headers[.init("X-A")!], request.headers[.init("X_A")!]].map {
                $0.map { Array($0.utf8).description }
            }
        }
        try await Self.check(
            [
                Reading("all", .headers("*"), read), Reading("named", .headers(["x_a"]), read),
                Reading("environment", .requestMeta("*"), read), Reading("entry", .requestMeta(["HTTP_X_A"]), read),
            ], lines.map { Self.request("/x", $0) })
    }

    @Test func `Values of the context are read into the key`() async throws {
        for (format, language, user) in [("json", "en", "ann"), ("JSON", "EN", "Ann"), ("", "", "")] {
            var context = Context(source: .init(channel: NIOAsyncTestingChannel(), logger: Logger(label: "test")))
            context.format = format
            context.language = language
            context.userID = user
            let keys: KeyConstructor = ["format": .format, "language": .language, "user": .user]
            let text = Mutex("")
            let handler = Pipeline {}.wrap { (_: Request, context: Context, exchange: Exchange) in
                let explanation = try await keys.explanation(for: exchange)
                text.withLock { $0 = explanation }
                return ""
            }
            _ = try await handler(Request(head: Self.request(), body: .init(buffer: ByteBuffer())), context)
            #expect(
                text.withLock { $0 } == #"{"format": "\#(format)", "language": "\#(language)", "user": "\#(user)"}"#)
        }
    }
}
#endif
