import CacheMiddleware
import Dispatch
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Workload

/// Hummingbird with one measured route, on one event loop.
///
/// Each route has a server of its own, so that all of them are found alike.
enum PathServer {
    /// Starts the server on a port that is free, and waits until it listens.
    ///
    /// - Returns: The port.
    static func start(_ path: ServedPath) -> Int {
        let listening = DispatchSemaphore(value: 0)
        let port = Mutex(0)
        let application = Application(
            router: router(path),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                port.withLock { $0 = channel.localAddress?.port ?? 0 }
                listening.signal()
            },
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: logger()
        )
        Task.detached { try await application.run() }
        listening.wait()
        return port.withLock { $0 }
    }

    private static func router(_ path: ServedPath) -> Router<BasicRequestContext> {
        let body = ByteBuffer(bytes: Workload.json.readableBytesView)
        let handler: @Sendable (Request, BasicRequestContext) async throws -> Response = { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        let cache = Pipeline {
            CacheResponseMiddleware(timeout: .minutes(15), in: MemoryStore(byteLimit: 64 << 20))
        }
        let router = Router()
        switch path {
        case .plain: router.get("cities", use: handler)
        case .pass: router.get("cities", use: Pipeline {}.wrap(as: "CityView.get", handler))
        case .hit: router.get("cities", use: cache.wrap(as: "CityView.get", handler))
        }
        return router
    }

    /// A logger that takes nothing less than an error: a line per request would be most of what is measured.
    private static func logger() -> Logger {
        var logger = Logger(label: "hummingbird-path")
        logger.logLevel = .error
        return logger
    }
}
