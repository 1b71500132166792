import CacheMiddleware
import KeyConstructor
import Logging
import ResponseCacheRedis
import Synchronization
import TestSupport
import Testing

/// How long a client waits between its attempts.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct RetryPauseTests {
    @Test func `Pauses grow while the server is a replica`() async throws {
        try await RedisFixture.with { redis in
            let replica = try await RedisServer.start(
                arguments: ["--replicaof", "127.0.0.1", "\(redis.server.port)"])
            let pauses = Pauses()
            var settings = RedisClientSettings()
            settings.connectionCount = 1
            settings.commandTimeout = .seconds(20)
            settings.reconnectDelay = .milliseconds(2)
            settings.maximumReconnectDelay = .seconds(60)
            let client = try RedisClient(
                url: replica.url, settings: settings, logger: Logger(label: "redis") { _ in Collector(pauses) })
            let store = RedisStore(client)
            let key = CacheKey(digestOf: "key")
            try await eventually {
                // Look-ups alone, which a replica would answer.
                await #expect(throws: RedisError.self) { try await store.entry(for: key) }
                return pauses.all.count >= 6
            }
            let all = pauses.all
            // Each is at least half of twice the one before, without its random part.
            #expect(all == all.sorted(), "\(all)")
            #expect(all.last! >= .milliseconds(32))
            await client.shutDown()
            await replica.stop()
        }
    }
}

/// The pauses that a client has logged.
private final class Pauses: Sendable {
    private let state = Mutex<[Duration]>([])

    var all: [Duration] { state.withLock { $0 } }

    func add(_ text: String) {
        guard let seconds = text.split(separator: " ").first.flatMap({ Double($0) }) else { return }
        state.withLock { $0.append(.seconds(seconds)) }
    }
}

private struct Collector: LogHandler {
    let pauses: Pauses
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(_ pauses: Pauses) { self.pauses = pauses }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if let pause = event.metadata?["pause"] { pauses.add("\(pause)") }
    }
}
