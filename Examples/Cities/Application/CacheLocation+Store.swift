import CacheMiddleware
import Logging
import NIOCore
import ResponseCacheRedis
import ServiceLifecycle

extension CacheLocation {
    /// Creates the store.
    ///
    /// The application starts and serves requests even while the server is unreachable.
    ///
    /// - Parameters:
    ///   - byteLimit: The number of bytes that the store may use in memory.
    ///   - logger: Receives failures of the server.
    /// - Returns: The store and its services, which run with the application and are shut down in reverse order.
    /// - Throws: The error of an unusable location, for example TLS in a build without it.
    func makeStore(byteLimit: Int, logger: Logger) throws -> (store: any CacheStore, services: [any Service]) {
        switch self {
        case .memory:
            return (MemoryStore(byteLimit: byteLimit), [])
        case .redis(let endpoint):
            let client = try Self.client(of: endpoint, logger: logger)
            return (Self.sharedStore(of: client), [client])
        case .tiered(let endpoint):
            let client = try Self.client(of: endpoint, logger: logger)
            let store = TieredStore(memory: MemoryStore(byteLimit: byteLimit), shared: Self.sharedStore(of: client))
            return (store, [client, store])
        }
    }

    /// A client with a connection on each event loop, so that each request uses one on its own event loop.
    private static func client(of endpoint: RedisEndpoint, logger: Logger) throws -> RedisClient {
        var settings = RedisClientSettings()
        settings.connectionCount = NIOSingletons.groupLoopCountSuggestion
        return try RedisClient(endpoint, settings: settings, logger: logger)
    }

    /// The store that all instances of this application share.
    private static func sharedStore(of client: RedisClient) -> RedisStore {
        var settings = RedisStoreSettings()
        settings.prefix = "cities:"
        return RedisStore(client, settings: settings)
    }
}
