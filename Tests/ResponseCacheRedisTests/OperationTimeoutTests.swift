import CacheMiddleware
import KeyConstructor
import ResponseCacheRedis
import TestSupport
import Testing

/// The timeout of operations with several commands.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct OperationTimeoutTests {
    /// An operation with two commands.
    enum Operation: String, CaseIterable {
        case lookUpAfterPurge, storeWithoutScript, firstLookUp
    }

    @Test(arguments: Operation.allCases)
    func `Two commands share the timeout of one`(operation: Operation) async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            // Long, because the machine may be busy.
            let client = try redis.client(port: proxy.port) { $0.commandTimeout = .seconds(2) }
            let key = CacheKey(digestOf: "key")
            let store = redis.store(client) { $0.prefix = "p:" }
            // Waits until the client is connected, however busy the machine is.
            try await eventually { (try? await store.purgeMark()) != nil }
            let fresh = redis.store(client) { $0.prefix = "fresh:" }
            // Another client loads the scripts and stores an entry that is not looked up after the latest purge.
            let other = redis.store(try redis.client()) { $0.prefix = "p:" }
            for _ in 0..<2 {
                try await other.store(.text("text"), for: key, unlessPurgedSince: nil)
                try await other.store(.text("text"), for: CacheKey(digestOf: "second"), unlessPurgedSince: nil)
                try await other.purge(.tag("another"), mode: .hard)
                _ = try await other.entry(for: CacheKey(digestOf: "second"))
                if operation != .lookUpAfterPurge { _ = try await other.entry(for: key) }
            }
            if operation == .storeWithoutScript { _ = try await redis.server.command("SCRIPT", "FLUSH") }

            // Each command alone is within the timeout.
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
