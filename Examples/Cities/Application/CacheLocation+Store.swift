import CacheMiddleware
import Logging
import NIOCore
import ResponseCacheRedis
import ServiceLifecycle

extension CacheLocation {
    /// Makes the store.
    ///
    /// A server that is not there does not keep the application from starting, nor from answering.
    ///
    /// - Parameters:
    ///   - byteLimit: The number of bytes that it may take in memory.
    ///   - logger: Is told when the server fails.
    /// - Returns: The store, and what runs for it while the application does. They are shut down from the last to the first.
    /// - Throws: What is wrong with the location, for example TLS in a build without it.
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

    /// The client of a server, with a connection on each event loop: a request finds one where it runs.
    private static func client(of endpoint: RedisEndpoint, logger: Logger) throws -> RedisClient {
        var settings = RedisClientSettings()
        settings.connectionCount = NIOSingletons.groupLoopCountSuggestion
        return try RedisClient(endpoint, settings: settings, logger: logger)
    }

    /// The store that all instances of the application share, and no other application.
    private static func sharedStore(of client: RedisClient) -> RedisStore {
        var settings = RedisStoreSettings()
        settings.prefix = "cities:"
        return RedisStore(client, settings: settings)
    }
}
