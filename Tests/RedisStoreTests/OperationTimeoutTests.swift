import CacheMiddleware
import KeyConstructor
@_spi(Benchmarks) import RedisStore
import TestSupport
import Testing

/// That an operation takes no longer than one command may, where it needs more than one.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct OperationTimeoutTests {
    /// Something that a store does by two commands.
    enum Operation: String, CaseIterable {
        case lookUpAfterPurge, storeWithoutScript, firstLookUp
    }

    @Test(arguments: Operation.allCases)
    func `Two commands have the time of one together`(operation: Operation) async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let client = try redis.client(port: proxy.port) { $0.commandTimeout = .milliseconds(500) }
            let key = CacheKey(digestOf: "key")
            // All that it needs is there: a connection, the scripts, an entry.
            let store = redis.store(client)
            try await store.store(.text("text"), for: key, unlessPurgedSince: nil)
            try await store.purge(.tag("another"), mode: .hard)
            _ = try await store.entry(for: key)
            try await store.purge(.tag("another"), mode: .hard)
            if operation == .storeWithoutScript { _ = try await redis.server.command("SCRIPT", "FLUSH") }
            let fresh = redis.store(client)

            // Each is in time by itself.
            proxy.setMode(.delay(.milliseconds(300)))
            await #expect(throws: RedisError.timedOut) {
                switch operation {
                case .lookUpAfterPurge: _ = try await store.lookUp(key)
                case .storeWithoutScript: try await store.store(.text("new"), for: key, unlessPurgedSince: nil)
                case .firstLookUp: _ = try await fresh.lookUp(key)
                }
            }
            #expect(try await client.get("none") == nil, "the server is not known to be away: no command was late")
            await proxy.stop()
        }
    }
}
