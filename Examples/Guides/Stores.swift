import Hummingbird
import NIOCore
import ResponseCache
import ResponseCacheRedis

/// The code of the guides of RedisTransport.
func redisTransportGuide() async throws {
    let client = try RedisClient(url: "redis://localhost:6379/0")
    _ = try await client.send(["SET", "greeting", "hello"], isIdempotent: true)
    let value = try await client.send(["GET", "greeting"], isIdempotent: true)  // .bytes(hello)

    let increment = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    let count = try await increment.run(on: client, keys: ["count"], arguments: [2], isIdempotent: false)
    print(value, count)
}

/// The code of the guides of ResponseCacheRedis and EntrySealing.
func sharedStoreGuides(router: Router<BasicPipelineRequestContext>) async throws {
    try await eventLoops(router: router)
    let client = try RedisClient(url: "redis://localhost:6379/0")
    let store = TieredStore(memory: MemoryStore(byteLimit: 64 << 20), shared: RedisStore(client))
    let stack = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store) { $0.singleFlight.lockDuration = .seconds(5) }
    }
    _ = stack
    var application = Application(router: router)
    application.addServices(client, store)
    try await application.runService()
}

private func eventLoops(router: Router<BasicPipelineRequestContext>) async throws {
    var settings = RedisClientSettings()
    settings.connectionCount = NIOSingletons.groupLoopCountSuggestion
    let client = try RedisClient(url: "redis://localhost:6379/0", settings: settings)

    var application = Application(router: router, server: .onEventLoops())
    application.addServices(client)
    try await application.runService()
}
