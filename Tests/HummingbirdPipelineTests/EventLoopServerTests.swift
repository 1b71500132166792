#if Hummingbird
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EventLoopServerTests {
    /// A context with the connection.
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

    @Test func `Requests run on the event loop of their connection`() async throws {
        // Whatever they wait for.
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
            let port = try #require(client.port)
            try await withThrowingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        let connection = TestClient(host: "127.0.0.1", port: port)
                        connection.connect()
                        let text = String(repeating: "\(number)", count: 100_000)
                        for _ in 0..<3 {
                            let response = try await connection.post("/", body: ByteBuffer(string: text))
                            #expect(response.status == .ok)
                            #expect(response.body.map { String(buffer: $0) } == text)
                        }
                        try await connection.shutdown()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `Another kind of server can use event loops`() async throws {
        let router = Router(context: Context.self)
        router.get("/") { _, context in "\(context.isOnEventLoop)" }
        let connections = Mutex<[Bool]>([])
        let server = HTTPServerBuilder.onEventLoops { responder in
            WatchedChannel(base: HTTP1Channel(responder: responder)) { isOnEventLoop in
                connections.withLock { $0.append(isOnEventLoop) }
            }
        }
        try await application(router, server).test(.live) { client in
            try await client.execute(uri: "/", method: .get) { #expect(String(buffer: $0.body) == "true") }
        }
        #expect(connections.withLock { $0 } == [true])
    }

    /// Records for each connection whether it is handled on its event loop.
    private struct WatchedChannel: ServerChildChannel {
        let base: HTTP1Channel
        let onConnection: @Sendable (Bool) -> Void

        func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
            base.setup(channel: channel, logger: logger)
        }

        func handle(value: HTTP1Channel.Value, logger: Logger) async {
            onConnection(value.channel.eventLoop.inEventLoop)
            await base.handle(value: value, logger: logger)
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
