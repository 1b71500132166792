import CacheMiddleware
import KeyConstructor
import PipelineTesting
import ResponseCacheRedis
import TestSupport
import Testing

/// The guarantees of a purge on a real server, with a connection that fails and recovers.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct RedisPurgeModelTests {
    enum Kind: String, CaseIterable {
        case shared, tiered
    }

    static let keys: [KeyConstructor] = [
        ["path": .path, "query": .queryParameters(ignoring: ["utm_*"])], ["view": .uniqueViewID],
    ]

    @Test(arguments: Kind.allCases, keys)
    func `A purged entry is never served`(kind: Kind, key: KeyConstructor) async throws {
        try await RedisFixture.with { redis in
            let time = ManualTimeSource()
            let shared = redis.store(try redis.client(), timeSource: time)
            let store: any CacheStore = kind == .shared ? shared : try await redis.tiered(shared, timeSource: time)
            for seed in 0..<4 {
                let violations = try await PurgeModel(
                    seed: UInt64(seed), store: store, key: key, time: time, clock: ContinuousClock()
                ).run()
                #expect(violations.isEmpty)
            }
        }
    }

    @Test(arguments: Kind.allCases, keys)
    func `A purged entry is never served after failures`(kind: Kind, key: KeyConstructor) async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let client = try redis.client(port: proxy.port) { settings in
                settings.commandTimeout = .milliseconds(60)
                settings.heartbeatInterval = .milliseconds(100)
            }
            let time = ManualTimeSource()
            let shared = redis.store(client, timeSource: time)
            let store: any CacheStore = kind == .shared ? shared : try await redis.tiered(shared, timeSource: time)
            for seed in 0..<4 {
                var model = PurgeModel(
                    seed: UInt64(seed), store: store, key: key, time: time, clock: ContinuousClock())
                model.changeFault = { fails in
                    guard fails else { return proxy.setMode(.pass) }
                    proxy.setMode([.drop, .cutAfter(40), .delay(.milliseconds(30))].randomElement() ?? .drop)
                }
                let violations = try await model.run()
                #expect(violations.isEmpty)
            }
            await proxy.stop()
        }
    }
}
