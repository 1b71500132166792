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
/// Each route has its own server, so that routing costs the same for all.
struct PathServer {
    var path: ServedPath
    /// The number of event loops.
    var eventLoopCount = 1
    /// Whether tasks run on the event loops and not on Swift's global pool.
    var runsOnEventLoops = false
    /// The URL of the cache's Redis server; nil for memory.
    var redisURL: String?

    /// Starts the server on a free port and waits until it listens.
    ///
    /// - Returns: The port.
    /// - Throws: The error of an invalid URL, and those of a database.
    func start() throws -> Int {
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: eventLoopCount)
        let listening = DispatchSemaphore(value: 0)
        let port = Mutex(0)
        let application = Application(
            router: try router(eventLoopGroup),
            server: server,
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

    private var server: HTTPServerBuilder {
        if path == .passedOn { return .onEventLoops(answeringHits: ChannelHits(runtime: CacheRuntime())) }
        return runsOnEventLoops || path == .onEventLoops ? .onEventLoops() : .http1()
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
        case .plain, .onEventLoops, .passedOn: router.get("cities", use: handler)
        case .pass: router.get("cities", use: Pipeline {}.wrap(as: "CityView", handler))
        case .hit: router.get("cities", use: cache.wrap(as: "CityView", handler))
        case .routeHit: MeasuredList.addRoute(to: router)
        case .resourceHit: MeasuredList.addResource(to: router)
        case .stackHit: MeasuredStack.addResource(to: router)
        case .routeRow: try MeasuredRows.addRoute(to: router)
        case .resourceRow: try MeasuredRows.addResource(to: router)
        }
        return router
    }

    private func store(_ eventLoopGroup: any EventLoopGroup) throws -> any CacheStore {
        guard let redisURL else { return MemoryStore(byteLimit: 64 << 20) }
        var settings = RedisClientSettings()
        settings.connectionCount = eventLoopCount
        return RedisStore(try RedisClient(url: redisURL, settings: settings, eventLoopGroup: eventLoopGroup))
    }

    /// A logger for errors only: a line per request would dominate the measurement.
    private static func logger() -> Logger {
        var logger = Logger(label: "hummingbird-path")
        logger.logLevel = .error
        return logger
    }
}
