import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@testable import ResponseCacheRedis

@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct TieredStoreTests {
    static let key = CacheKey(digestOf: "key")

    @Test func `The store passes the conformance suite`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            try await CacheStoreSuite { time in
                try await redis.tiered(redis.store(client, timeSource: time), timeSource: time)
            }.run()
        }
    }

    @Test func `Without a subscription the store keeps nothing in memory`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            try await CacheStoreSuite { time in
                TieredStore(
                    memory: MemoryStore(byteLimit: 8 << 20, timeSource: time),
                    shared: redis.store(client, timeSource: time))
            }.run()
            let memory = MemoryStore(byteLimit: 8 << 20)
            let store = TieredStore(memory: memory, shared: redis.store(client))
            try await store.store(.text("hello"), for: Self.key, unlessPurgedSince: nil)
            #expect(try await store.entry(for: Self.key)?.text == "hello")
            #expect(memory.statistics.entryCount == 0)
        }
    }

    /// Returns the number of messages that were published through a server.
    private static func publishCount(of server: RedisServer) async throws -> Int {
        let statistics = try await server.command("INFO", "commandstats")
        let calls = statistics.split(separator: "cmdstat_publish:calls=").last?.prefix { $0 != "," }
        return try #require(calls.flatMap { Int($0) })
    }

    /// Creates two instances of a service, each with its own memory tier.
    static func instances(
        _ redis: RedisFixture, settings: TieredStoreSettings = TieredStoreSettings(),
        port: Int? = nil, _ change: (inout RedisClientSettings) -> Void = { _ in }
    ) async throws -> (TieredStore, TieredStore) {
        let first = redis.store(try redis.client(port: port, change)) { $0.prefix = "p:" }
        let second = redis.store(try redis.client()) { $0.prefix = "p:" }
        return (try await redis.tiered(first, settings: settings), try await redis.tiered(second))
    }

    @Test func `A second look-up is served from memory`() async throws {
        try await RedisFixture.with { redis in
            let (first, _) = try await Self.instances(redis)
            try await first.store(.text("hello"), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await first.entry(for: Self.key)
                return first.memory.entry(for: Self.key) != nil
            }
            await redis.server.kill()
            // The tier may have been emptied already if the loss was detected; it is queried first in any case.
            #expect(first.memory.statistics.hits > 0)
        }
    }

    @Test(arguments: [PurgeMode.hard, .soft])
    func `A purge reaches the other instance`(mode: PurgeMode) async throws {
        try await RedisFixture.with { redis in
            let (first, second) = try await Self.instances(redis)
            let selections: [PurgeSelection] = [
                .tag("red"), .url("/cities/7"), .prefix("/cities"), .key(Self.key), .everything,
            ]
            for selection in selections {
                try await first.store(
                    .text("hello", tags: ["red"], path: "/cities/7"), for: Self.key, unlessPurgedSince: nil)
                try await eventually {
                    _ = try await second.entry(for: Self.key)
                    return second.memory.entry(for: Self.key)?.isFresh(at: SystemTimeSource().now) == true
                }
                try await first.purge(selection, mode: mode)
                let own = try await first.entry(for: Self.key)
                #expect(
                    own?.isFresh(at: SystemTimeSource().now) != true, "\(selection) on the instance itself, at once")
                try await eventually {
                    second.memory.entry(for: Self.key)?.isFresh(at: SystemTimeSource().now) != true
                }
                let found = try await second.entry(for: Self.key)
                #expect((found == nil) == (mode == .hard), "\(selection) on the other")
                #expect(found?.isFresh(at: SystemTimeSource().now) != true)
            }
        }
    }

    @Test func `A write reaches the other instance`() async throws {
        try await RedisFixture.with { redis in
            let (first, second) = try await Self.instances(redis)
            let stamps = (VersionStamp("cities", in: first), VersionStamp("cities", in: second))
            let stamp = try await stamps.0.current()
            for _ in 0..<3 { #expect(try await stamps.1.current() == stamp) }
            let next = try await stamps.0.touch()
            #expect(try await stamps.0.current() == next, "at once on the instance that touched it")
            try await eventually { try await stamps.1.current() == next }
        }
    }

    @Test func `An entry stays in memory for a limited time`() async throws {
        try await RedisFixture.with { redis in
            let time = ManualTimeSource()
            var settings = TieredStoreSettings()
            settings.memoryLifetime = .seconds(10)
            let shared = redis.store(try redis.client(), timeSource: time)
            let store = try await redis.tiered(shared, timeSource: time, settings: settings)
            let entry = CacheEntry(status: .ok, storedAt: time.now) {
                $0.expiresAt = time.now + .seconds(1000)
                $0.tags = ["red"]
            }
            try await store.store(entry, for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await store.entry(for: Self.key)
                return store.memory.entry(for: Self.key) != nil
            }
            #expect(try await store.entry(for: Self.key) == entry)
            time.advance(by: .seconds(9))
            #expect(store.memory.entry(for: Self.key) == entry)
            time.advance(by: .seconds(1))
            #expect(store.memory.entry(for: Self.key) == nil)
            #expect(try await store.entry(for: Self.key) == entry, "the entry is still in the server")
        }
    }

    @Test(arguments: [false, true])
    func `A reconnected instance serves no purged entries`(serves: Bool) async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            var settings = TieredStoreSettings()
            settings.servesWhileCutOff = serves
            let (first, second) = try await Self.instances(redis, settings: settings, port: proxy.port)
            try await first.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await first.entry(for: Self.key)
                return first.memory.entry(for: Self.key) != nil
            }
            proxy.setMode(.drop)
            await proxy.disconnectAll()
            try await eventually { !first.isHearingChanges }
            if serves {
                #expect(first.memory.entry(for: Self.key) != nil)
            } else {
                try await eventually { first.memory.entry(for: Self.key) == nil }
            }
            try await second.purge(.tag("red"), mode: .hard)
            #expect(try await second.entry(for: Self.key) == nil)
            proxy.setMode(.pass)
            await proxy.disconnectAll()
            try await eventually { first.isHearingChanges }
            #expect(first.memory.entry(for: Self.key) == nil, "the tier was emptied before it is used again")
            #expect(try await first.entry(for: Self.key) == nil)
            try await first.store(.text("new"), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await first.entry(for: Self.key)
                return first.memory.entry(for: Self.key)?.text == "new"
            }
            await proxy.stop()
        }
    }

    @Test func `A purge during an outage applies to memory`() async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            var settings = TieredStoreSettings()
            settings.servesWhileCutOff = true
            let (first, second) = try await Self.instances(redis, settings: settings, port: proxy.port) {
                $0.commandTimeout = .milliseconds(500)
            }
            try await second.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try? await first.entry(for: Self.key)
                return first.memory.entry(for: Self.key) != nil
            }
            proxy.setMode(.drop)
            await #expect(throws: RedisError.self) { try await first.purge(.tag("red"), mode: .hard) }
            #expect(first.memory.entry(for: Self.key) == nil)
            await proxy.stop()
        }
    }

    @Test func `A silent server is detected`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client {
                $0.heartbeatInterval = .milliseconds(20)
                $0.commandTimeout = .milliseconds(200)
            }
            let store = try await redis.tiered(redis.store(client))
            redis.server.pause()
            try await eventually { !store.isHearingChanges }
            redis.server.resume()
            try await eventually { store.isHearingChanges }
        }
    }

    @Test func `A purge is counted when it starts`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            let shared = redis.store(client)
            let tiered = TieredStore(memory: MemoryStore(byteLimit: 1 << 20), shared: shared)
            let counts = (PurgeLedger.of(shared), PurgeLedger.of(tiered))
            try await tiered.purge(.tag("red"), mode: .hard)
            #expect(counts.0.count == 1)
            #expect(counts.1.count == 1)
            await redis.server.kill()
            for store in [shared, tiered] as [any CacheStore] {
                await #expect(throws: RedisError.self) { try await store.purge(.tag("red"), mode: .hard) }
            }
            #expect(counts.0.count == 3)
            #expect(counts.1.count == 2)
        }
    }

    @Test func `A heartbeat does not wait for a purge`() async throws {
        try await RedisFixture.with { redis in
            let held = Mutex<[@Sendable () -> Void]>([])
            let memory = MemoryStore(byteLimit: 8 << 20)
            let client = try redis.client { $0.heartbeatInterval = .milliseconds(20) }
            let holds = Atomic(false)
            let changes = ChangeQueue(for: memory) { run in
                if holds.load(ordering: .relaxed) { held.withLock { $0.append(run) } } else { run() }
            }
            let shared = redis.store(client) { $0.prefix = "p:" }
            let store = TieredStore(
                memory: memory, shared: shared, settings: TieredStoreSettings(), changes: changes)
            let task = Task { await store.run() }
            try await eventually { store.isHearingChanges }
            try await store.store(.text("hello", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await store.entry(for: Self.key)
                return memory.entry(for: Self.key) != nil
            }
            holds.store(true, ordering: .relaxed)
            let other = redis.store(try redis.client()) { $0.prefix = "p:" }
            try await other.purge(.tag("red"), mode: .hard)
            try await eventually { held.withLock { !$0.isEmpty } }
            // The next heartbeat is published after the previous one was received.
            let count = try await Self.publishCount(of: redis.server)
            try await eventually { try await Self.publishCount(of: redis.server) >= count + 3 }
            #expect(memory.entry(for: Self.key) != nil)
            #expect(store.isHearingChanges)
            for run in held.withLock({ $0 }) { run() }
            #expect(memory.entry(for: Self.key) == nil)
            task.cancel()
            await task.value
        }
    }

    @Test func `Variants are shared between memory and server`() async throws {
        try await RedisFixture.with { redis in
            let (first, second) = try await Self.instances(redis)
            try await first.store(.text("hello"), for: Self.key, unlessPurgedSince: nil)
            // The message about the write may arrive late and remove the entry that was found meanwhile.
            try await eventually {
                try await first.entry(for: Self.key)?.variants.insert(ByteBuffer(string: "packed"), named: "gzip")
                return first.memory.entry(for: Self.key)?.variants["gzip"] == ByteBuffer(string: "packed")
            }
            try await eventually { try await second.shared.entry(for: Self.key)?.variants["gzip"] != nil }
            try await eventually {
                second.memory.removeEntry(for: Self.key)
                return try await second.entry(for: Self.key)?.variants["gzip"] != nil
            }
            #expect(second.memory.entry(for: Self.key)?.variants["gzip"] == ByteBuffer(string: "packed"))
        }
    }

    @Test func `An unknown message empties the memory tier`() async throws {
        try await RedisFixture.with { redis in
            let (first, _) = try await Self.instances(redis)
            try await first.store(.text("hello"), for: Self.key, unlessPurgedSince: nil)
            try await eventually {
                _ = try await first.entry(for: Self.key)
                return first.memory.entry(for: Self.key) != nil
            }
            _ = try await redis.server.command("PUBLISH", "p:changes", "what is this?")
            try await eventually { first.memory.entry(for: Self.key) == nil }
        }
    }
}
