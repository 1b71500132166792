import CacheMiddleware
import KeyConstructor
import Logging
import ResponseCacheRedis
import Synchronization
import TestSupport
import Testing

/// The delays of a client that connects to a replica.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct ReconnectDelayTests {
    @Test func `Delays grow while the server is a replica`() async throws {
        try await RedisFixture.with { redis in
            let replica = try await RedisServer.start(
                arguments: ["--replicaof", "127.0.0.1", "\(redis.server.port)"])
            let delays = Delays()
            var settings = RedisClientSettings()
            settings.connectionCount = 1
            settings.commandTimeout = .seconds(20)
            settings.reconnectDelay = .milliseconds(2)
            settings.maximumReconnectDelay = .seconds(60)
            let client = try RedisClient(
                url: replica.url, settings: settings, logger: Logger(label: "redis") { _ in Collector(delays) })
            let store = RedisStore(client)
            let key = CacheKey(digestOf: "key")
            try await eventually {
                // Only look-ups, which a replica would serve.
                await #expect(throws: RedisError.self) { try await store.entry(for: key) }
                return delays.all.count >= 6
            }
            let all = delays.all
            // The delay doubles and jitter subtracts up to half, so no delay is shorter than the one before.
            #expect(all == all.sorted(), "\(all)")
            #expect(all.last! >= .milliseconds(32))
            await client.shutDown()
            await replica.stop()
        }
    }
}

/// The delays in the log messages of a client.
private final class Delays: Sendable {
    private let state = Mutex<[Duration]>([])

    var all: [Duration] { state.withLock { $0 } }

    func add(_ text: String) {
        guard let seconds = text.split(separator: " ").first.flatMap({ Double($0) }) else { return }
        state.withLock { $0.append(.seconds(seconds)) }
    }
}

private struct Collector: LogHandler {
    let delays: Delays
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(_ delays: Delays) { self.delays = delays }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if let delay = event.metadata?["delay"] { delays.add("\(delay)") }
    }
}
