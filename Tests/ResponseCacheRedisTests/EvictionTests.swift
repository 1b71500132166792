import CacheMiddleware
import Foundation
import HTTPPipeline
import KeyConstructor
import NIOCore
import ResponseCacheRedis
import Synchronization
import TestSupport
import Testing

/// A full server that evicts keys while entries are stored and purged and connections are lost.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct EvictionTests {
    /// The duration for each kind of store in seconds. `RESPONSE_CACHE_SOAK_SECONDS` overrides it.
    static let seconds = ProcessInfo.processInfo.environment["RESPONSE_CACHE_SOAK_SECONDS"].flatMap(Double.init) ?? 3

    enum Kind: String, CaseIterable {
        case shared, tiered
    }

    @Test(arguments: Kind.allCases)
    func `Eviction neither restores purged entries nor loses hot ones`(kind: Kind) async throws {
        let arguments = ["--maxmemory", "8mb", "--maxmemory-policy", "allkeys-lru", "--maxmemory-samples", "10"]
        try await RedisFixture.with(arguments: arguments) { redis in
            var stores: [any CacheStore] = []
            for _ in 0..<2 {
                let shared = redis.store(try redis.client()) { $0.prefix = "p:" }
                stores.append(kind == .shared ? shared : try await redis.tiered(shared))
            }
            let soak = Soak(stores, isTiered: kind == .tiered)
            // Several times the memory limit: keys that are not read are evicted.
            for number in 0..<3000 { try await soak.fill(number) }
            let kills = try await soak.run(for: .seconds(Self.seconds)) {
                for type in ["normal", "pubsub"] {
                    _ = try await redis.server.command("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes")
                }
            }
            print("\(kind) store: \(soak.report), \(kills) times disconnected")
            soak.check()
            #expect(soak.hotHits * 10 >= kills * 9, "hot entries are found after reconnecting")
            let statistics = try await redis.server.command("INFO", "stats").split(separator: "\r\n")
            let evicted = statistics.first { $0.hasPrefix("evicted_keys:") }.flatMap { Int($0.dropFirst(13)) }
            // Whether the clock is among them is up to the server: then a new epoch begins.
            #expect(evicted ?? 0 > 1000)
        }
    }
}

/// Stores, purges and looks up entries, and checks that none is older than a purge that had returned before.
private final class Soak: Sendable {
    private struct State {
        /// For each key, the current version, and the version whose purge has returned.
        var truth = [Int](repeating: 0, count: keyCount)
        var done = [Int](repeating: 0, count: keyCount)
        var wrong: [String] = []
        var lookUps = 0
        var hits = 0
        var purges = 0
        var hotHits = 0
        var fills = 0
    }

    private static let keyCount = 16

    private let stores: [any CacheStore]
    private let isTiered: Bool
    private let state = Mutex(State())

    init(_ stores: [any CacheStore], isTiered: Bool) {
        self.stores = stores
        self.isTiered = isTiered
    }

    var hotHits: Int { state.withLock(\.hotHits) }

    var report: String {
        state.withLock {
            "\($0.lookUps) look-ups, \($0.hits) hits, \($0.purges) purges, \($0.fills) entries, \($0.hotHits) hot hits"
        }
    }

    func check() {
        state.withLock { state in
            #expect(state.wrong.isEmpty, "\(state.wrong.prefix(5))")
            #expect(state.hits > 0)
            #expect(state.purges > 0)
        }
    }

    func fill(_ number: Int) async throws {
        let text = String(repeating: "x", count: 8000)
        try await stores[0].store(
            .text(text, tags: ["fill \(number % 50)"], path: "/fill/\(number)"),
            for: CacheKey(digestOf: "fill \(number)"),
            unlessPurgedSince: nil)
        state.withLock { $0.fills += 1 }
    }

    /// Runs for some time and disconnects the clients repeatedly.
    ///
    /// - Returns: The number of disconnections.
    func run(for duration: Duration, disconnect: @escaping @Sendable () async throws -> Void) async throws -> Int {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<Self.keyCount {
                group.addTask {
                    while ContinuousClock.now < end { await self.write(number) }
                    return 0
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    while ContinuousClock.now < end {
                        for _ in 0..<20 { await self.read(.random(in: 0..<Self.keyCount)) }
                        // A memory tier never suspends, and other tasks need the thread.
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    return 0
                }
            }
            group.addTask {
                var number = 100_000
                while ContinuousClock.now < end {
                    number += 1
                    try? await self.fill(number)
                    try await Task.sleep(for: .milliseconds(5))
                }
                return 0
            }
            group.addTask {
                var kills = 0
                while ContinuousClock.now < end {
                    try await self.keepHot()
                    try await disconnect()
                    kills += 1
                    if try await self.isHot() { self.state.withLock { $0.hotHits += 1 } }
                }
                return kills
            }
            return try await group.reduce(0, +)
        }
    }

    private func write(_ number: Int) async {
        let version = state.withLock { state in
            state.truth[number] += 1
            return state.truth[number]
        }
        let selections: [PurgeSelection] = [
            .tag("tag \(number)"), .key(Self.key(number)), .url("/data/\(number)"), .prefix("/data/\(number)"),
        ]
        let purge = selections.randomElement()!
        // A purge that fails is retried.
        do {
            try await store(of: number).purge(purge, mode: Bool.random() ? .hard : .soft)
            state.withLock { state in
                state.purges += 1
                state.done[number] = version
            }
        } catch {}
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0...60)))
    }

    private func read(_ number: Int) async {
        let store = store(of: number)
        let done = state.withLock { $0.done[number] }
        guard let found = try? await store.lookUp(Self.key(number)) else { return }
        if let entry = found.entry, entry.isFresh(at: SystemTimeSource().now) {
            let version = Int(entry.text) ?? -1
            state.withLock { state in
                state.lookUps += 1
                state.hits += 1
                if version < done { state.wrong.append("key \(number) is \(version), \(done) was done") }
            }
            return
        }
        state.withLock { $0.lookUps += 1 }
        // The steps of a cache: mark, handler, write.
        let known = if let mark = found.mark { mark } else { try? await store.purgeMark() }
        guard let mark = known else { return }
        let version = state.withLock { $0.truth[number] }
        let entry = CacheEntry.text("\(version)", tags: ["tag \(number)"], path: "/data/\(number)")
        _ = try? await store.store(entry, for: Self.key(number), unlessPurgedSince: mark)
    }

    /// Looks up an entry that is never purged, until it has been found several times.
    private func keepHot() async throws {
        var hits = 0
        while hits < 40 {
            if (try? await stores[1].entry(for: Self.hotKey)) != nil {
                hits += 1
            } else {
                _ = try? await stores[1].store(.text("hot"), for: Self.hotKey, unlessPurgedSince: nil)
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Returns whether the first successful look-up finds that entry.
    private func isHot() async throws -> Bool {
        while true {
            do { return try await stores[1].entry(for: Self.hotKey) != nil } catch is RedisError {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    /// The memory tier applies purges of its own instance at once.
    private func store(of number: Int) -> any CacheStore {
        stores[isTiered ? number % stores.count : Int.random(in: 0..<stores.count)]
    }

    private static let hotKey = CacheKey(digestOf: "hot")

    private static func key(_ number: Int) -> CacheKey { CacheKey(digestOf: "data \(number)") }
}
