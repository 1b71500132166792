#if Hummingbird
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EventLoopServerTests {
    /// A context that knows the connection.
    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: Source) {
            coreContext = CoreRequestContextStorage(source: source)
            channel = source.channel
        }

        /// Whether the present thread is that of the connection's event loop.
        var isOnEventLoop: Bool { channel.eventLoop.inEventLoop }
    }

    @Test func `Requests run on the event loop of their connection, whatever they wait for`() async throws {
        let router = Router(context: Context.self)
        router.post("/") { request, context in
            #expect(context.isOnEventLoop)
            // The pool, and other event loops.
            #expect(await Task { context.isOnEventLoop }.value == false)
            #expect(context.isOnEventLoop)
            for eventLoop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                try await eventLoop.submit {}.get()
                #expect(context.isOnEventLoop)
            }
            await withTaskGroup { group in
                for _ in 0..<3 { group.addTask { #expect(context.isOnEventLoop) } }
            }
            let body = try await request.body.collect(upTo: 1_000_000)
            #expect(context.isOnEventLoop)
            return body
        }
        try await application(router, .onEventLoops()).test(.live) { client in
            try await withThrowingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        let text = String(repeating: "\(number)", count: 100_000)
                        for _ in 0..<3 {
                            try await client.execute(uri: "/", method: .post, body: ByteBuffer(string: text)) {
                                response in
                                #expect(response.status == .ok)
                                #expect(String(buffer: response.body) == text)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `A server of another kind can run so`() async throws {
        let router = Router(context: Context.self)
        router.get("/") { _, context in "\(context.isOnEventLoop)" }
        let server = HTTPServerBuilder.onEventLoops { responder in HTTP1Channel(responder: responder) }
        try await application(router, server).test(.live) { client in
            try await client.execute(uri: "/", method: .get) { #expect(String(buffer: $0.body) == "true") }
        }
    }

    private func application(_ router: Router<Context>, _ server: HTTPServerBuilder) -> some ApplicationProtocol {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Application(
            router: router, server: server, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: logger)
    }
}
#endif
