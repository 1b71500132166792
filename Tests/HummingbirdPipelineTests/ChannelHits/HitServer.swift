#if Hummingbird
import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import KeyConstructor
import Logging
import NIOCore
import NIOPosix
import PipelineTesting
import ResponseCompression
import ServiceLifecycle
import Synchronization

/// A server whose cached routes may be answered in the channel, for tests.
struct HitServer: Sendable {
    let clock: ManualTimeSource
    let store: any CacheStore
    /// The number of requests that were answered in the channel.
    let answered = Count()
    /// The number of requests that a handler answered.
    let handled = Count()
    /// The number of purges that have returned.
    let purged = Count()

    /// A counter that can be captured.
    final class Count: Sendable {
        private let number = Atomic(0)
        var value: Int { number.load(ordering: .acquiring) }
        func add() { number.add(1, ordering: .acquiringAndReleasing) }
    }

    /// Creates a server with a store, by default one in memory.
    init(store: ((ManualTimeSource) -> any CacheStore)? = nil) {
        clock = ManualTimeSource()
        self.store = store?(clock) ?? MemoryStore(byteLimit: 8 << 20, timeSource: clock)
    }

    /// Returns a request for a path, with lines of further fields.
    static func get(_ path: String, _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    var runtime: CacheRuntime {
        var runtime = CacheRuntime(logger: Self.logger)
        runtime.timeSource = clock
        return runtime
    }

    static let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// The large body does not fit into the head's buffer.
    static let bodies = ["/small": "small", "/large": String(repeating: "0123456789", count: 2000)]

    func router(_ configure: @escaping (inout CacheSettings) -> Void = { _ in }) -> Router<BasicPipelineRequestContext>
    {
        let router = Router(context: BasicPipelineRequestContext.self, options: .autoGenerateHeadEndpoints)
        let stamp = VersionStamp("data", in: store, runtime: runtime)
        func stack(_ key: KeyConstructor, opted: Bool = true) -> Pipeline {
            Pipeline {
                GzipMiddleware()
                ETagMiddleware()
                CacheResponseMiddleware(.seconds(100), key: key, in: store, runtime: runtime) {
                    $0.answersBelowFramework = opted
                    configure(&$0)
                }
            }
        }
        let handled = handled
        for (path, body) in Self.bodies {
            router.get(
                RouterPath(path),
                use: stack(.safeDefault).wrap { _, _ in
                    handled.add()
                    return Response(
                        status: .ok,
                        headers: [.contentType: "text/plain", .lastModified: "Sun, 06 Nov 1994 08:49:37 GMT"],
                        body: .init(byteBuffer: ByteBuffer(string: body)))
                })
        }
        let remote = KeyConstructor.safeDefault.adding(["day": .computed { _ in "today" }])
        router.get("/remote", use: stack(remote).wrap { _, _ in "remote" })
        router.get("/other", use: stack(.safeDefault, opted: false).wrap { _, _ in "other" })
        router.get(
            "/stamped",
            use: stack(.safeDefault.adding(["stamp": .custom(VersionStampKeyBit(stamp))])).wrap { _, _ in
                handled.add()
                return "stamped \(handled.value)"
            })
        router.post("/touch") { _, _ in
            try await stamp.touch()
            return "touched"
        }
        router.post("/echo") { request, _ in try await request.body.collect(upTo: 1 << 20) }
        return router
    }

    /// Runs a server while a body uses it.
    func run(
        answering: Bool = true, settings: (inout ChannelHitSettings) -> Void = { _ in },
        configuration: HTTP1Channel.Configuration = .init(), cache: @escaping (inout CacheSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await Self.run(router(cache), server(answering, settings, configuration), body)
    }

    /// Runs a server with other routes, or with another server around the one that answers hits.
    func run(
        _ router: Router<BasicPipelineRequestContext>,
        in wrap: (HTTPServerBuilder) throws -> HTTPServerBuilder = { $0 },
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await Self.run(router, wrap(server(true, { _ in }, .init())), body)
    }

    /// Runs a server until the body has shut it down gracefully.
    func runUntilShutdown(
        _ body: @escaping @Sendable (Int, @escaping @Sendable () async -> Void) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router(), server: server(true, { _ in }, .init()),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) }, logger: Self.logger)
        let group = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: Self.logger))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                try await body(port) { await group.triggerGracefulShutdown() }
                break
            }
            try await tasks.waitForAll()
        }
    }

    private func server(
        _ answering: Bool, _ settings: (inout ChannelHitSettings) -> Void, _ configuration: HTTP1Channel.Configuration
    ) -> HTTPServerBuilder {
        var own = ChannelHitSettings()
        let answered = answered
        own.onHit = { _ in answered.add() }
        settings(&own)
        let hits = ChannelHits(runtime: runtime, settings: own)
        return answering
            ? .onEventLoops(answeringHits: hits, configuration: configuration)
            : .onEventLoops(configuration: configuration)
    }

    static func run(
        _ router: Router<BasicPipelineRequestContext>, _ server: HTTPServerBuilder,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let application = Application(
            router: router, server: server,
            configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: "test"),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await application.run() }
            for await port in ports { try await body(port) }
            tasks.cancelAll()
            try? await tasks.waitForAll()
        }
        try await group.shutdownGracefully()
    }
}
#endif
