import CacheMiddleware
import Dispatch
import HTTPPipeline
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import Logging
import NIOCore
import NIOPosix
import ResponseCacheRedis
import Synchronization
import Workload

/// Hummingbird with one measured route.
///
/// Each route has a server of its own, so that all of them are found alike.
struct PathServer {
    var path: ServedPath
    /// The number of event loops.
    var eventLoopCount = 1
    /// Whether tasks run on the event loops and not on Swift's global pool.
    var runsOnEventLoops = false
    /// The Redis server that the cache is in; nil for memory.
    var redisURL: String?

    /// Starts the server on a port that is free, and waits until it listens.
    ///
    /// - Returns: The port.
    /// - Throws: What is wrong with the URL.
    func start() throws -> Int {
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: eventLoopCount)
        let listening = DispatchSemaphore(value: 0)
        let port = Mutex(0)
        let application = Application(
            router: try router(eventLoopGroup),
            server: runsOnEventLoops ? .onEventLoops() : .http1(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                port.withLock { $0 = channel.localAddress?.port ?? 0 }
                listening.signal()
            },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: Self.logger()
        )
        Task.detached { try await application.run() }
        listening.wait()
        return port.withLock { $0 }
    }

    private func router(_ eventLoopGroup: any EventLoopGroup) throws -> Router<BasicRequestContext> {
        let body = ByteBuffer(bytes: Workload.json.readableBytesView)
        let handler: @Sendable (Request, BasicRequestContext) async throws -> Response = { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        let store = try store(eventLoopGroup)
        let cache = Pipeline { CacheResponseMiddleware(.minutes(15), in: store) }
        let router = Router()
        switch path {
        case .plain: router.get("cities", use: handler)
        case .pass: router.get("cities", use: Pipeline {}.wrap(as: "CityView", handler))
        case .hit: router.get("cities", use: cache.wrap(as: "CityView", handler))
        }
        return router
    }

    private func store(_ eventLoopGroup: any EventLoopGroup) throws -> any CacheStore {
        guard let redisURL else { return MemoryStore(byteLimit: 64 << 20) }
        var settings = RedisClientSettings()
        settings.connectionCount = eventLoopCount
        return RedisStore(try RedisClient(url: redisURL, settings: settings, eventLoopGroup: eventLoopGroup))
    }

    /// A logger that takes nothing less than an error: a line per request would be most of what is measured.
    private static func logger() -> Logger {
        var logger = Logger(label: "hummingbird-path")
        logger.logLevel = .error
        return logger
    }
}
