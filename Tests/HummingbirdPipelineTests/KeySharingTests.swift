#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import KeyConstructor
import Logging
import NIOCore
import NIOEmbedded
import PipelineTesting
import Synchronization
import Testing

/// Clients whose requests a handler distinguishes get their own responses, and not those stored for others.
@Suite struct KeySharingTests {
    typealias Context = BasicPipelineRequestContext
    typealias Text = @Sendable (Request) -> String

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var key: KeyConstructor
        var requests: [HTTPRequest]
        var vary: String?
        var sharing = Sharing.guarded
        var text: Text
    }

    static func request(_ path: String = "/x", _ lines: [(String, String)] = []) -> HTTPRequest {
        KeyReadingTests.request(path, lines)
    }

    /// Returns the text of a response's body.
    struct Collector: ResponseBodyWriter {
        let add: @Sendable (String) -> Void

        func write(_ buffer: ByteBuffer) { add(String(buffer: buffer)) }

        consuming func finish(_ trailers: HTTPFields?) {}
    }

    static let host = HTTPField.Name("Host")!

    static let cases = [
        Case(
            testDescription: "hosts without authority", key: .safeDefault,
            requests: ["one.test", "two.test"].map { KeyReadingTests.request(authority: nil, [("Host", $0)]) },
            text: { $0.head.authority ?? $0.headers[host] ?? "" }),
        Case(
            testDescription: "schemes", key: .safeDefault,
            requests: ["http", "https"].map { KeyReadingTests.request(scheme: $0) }, text: { $0.head.scheme ?? "" }),
        Case(
            testDescription: "fields with underscores", key: ["meta": .requestMeta("*")],
            requests: ["a", "b"].map { request("/x", [("X_Tenant", $0)]) }, vary: "X_Tenant",
            text: { $0.headers[.init("X_Tenant")!] ?? "" }),
        Case(
            testDescription: "a space after a cookie's name", key: ["sid": .cookies(["sid"])],
            requests: ["sid =dark", "sid=dark"].map { request("/x", [("Cookie", $0)]) }, sharing: .public,
            text: { $0.cookies["sid"]?.value ?? "none" }),
        Case(
            testDescription: "a plus in a query", key: ["query": .queryParameters(["q"])],
            requests: [request("/x?q=a+b"), request("/x?q=a%20b")],
            text: { $0.uri.queryParameters["q"].map(String.init) ?? "none" }),
    ]

    @Test(arguments: cases)
    func `Requests that a handler distinguishes have separate responses`(one: Case) async throws {
        let cache = CacheResponseMiddleware(.forever, key: one.key, in: MemoryStore(byteLimit: 1 << 20)) {
            $0.sharing = one.sharing
        }
        let router = Router(context: Context.self)
        router.get(
            "x",
            use: Pipeline { cache }.wrap(as: "View") { request, _ in
                var response = Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: one.text(request))))
                response.headers[.vary] = one.vary
                return response
            })
        let responder = router.buildResponder()
        var states: [String] = []
        for _ in 0..<2 {
            for head in one.requests {
                let source = ApplicationRequestContextSource(
                    channel: NIOAsyncTestingChannel(), logger: Logger(label: "test"))
                let request = Request(head: head, body: .init(buffer: ByteBuffer()))
                let response = try await responder.respond(to: request, context: Context(source: source))
                let text = Mutex("")
                try await response.body.write(Collector { part in text.withLock { $0 += part } })
                #expect(text.withLock { $0 } == one.text(request))
                states.append(response.headers[HummingbirdPipelineTests.cacheStatus] ?? "")
            }
        }
        #expect(states.map { $0.hasSuffix("hit") } == [false, false, true, true])
    }
}
#endif
