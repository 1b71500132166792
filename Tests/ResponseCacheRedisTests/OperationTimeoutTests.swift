import CacheMiddleware
import KeyConstructor
import ResponseCacheRedis
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
            // Long, because the machine may be busy.
            let client = try redis.client(port: proxy.port) { $0.commandTimeout = .seconds(2) }
            let key = CacheKey(digestOf: "key")
            let store = redis.store(client) { $0.prefix = "p:" }
            // Whatever the machine makes of it: from now on it is connected.
            try await eventually { (try? await store.purgeMark()) != nil }
            let fresh = redis.store(client) { $0.prefix = "fresh:" }
            // Another one makes all that they need: the scripts, and an entry that was not looked up since the latest purge.
            let other = redis.store(try redis.client()) { $0.prefix = "p:" }
            for _ in 0..<2 {
                try await other.store(.text("text"), for: key, unlessPurgedSince: nil)
                try await other.store(.text("text"), for: CacheKey(digestOf: "second"), unlessPurgedSince: nil)
                try await other.purge(.tag("another"), mode: .hard)
                _ = try await other.entry(for: CacheKey(digestOf: "second"))
                if operation != .lookUpAfterPurge { _ = try await other.entry(for: key) }
            }
            if operation == .storeWithoutScript { _ = try await redis.server.command("SCRIPT", "FLUSH") }

            // Each is in time by itself.
            proxy.setMode(.delay(.milliseconds(1200)))
            await #expect(throws: RedisError.timedOut) {
                switch operation {
                case .lookUpAfterPurge: _ = try await store.lookUp(key)
                case .storeWithoutScript: try await store.store(.text("new"), for: key, unlessPurgedSince: nil)
                case .firstLookUp: _ = try await fresh.lookUp(key)
                }
            }
            await proxy.stop()
        }
    }
}
