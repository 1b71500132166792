import CacheMiddleware
import KeyConstructor
import ResponseCacheRedis
import TestSupport
import Testing

/// A failover to a replica, with every order of its steps.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct FailoverTests {
    /// A step of a failover.
    enum Step: String, CaseIterable {
        /// An instance purges.
        case purge
        /// The replica loses its connection to the primary and receives no more purges.
        case lag
        /// The clients' connections are closed, and new ones lead to the replica.
        case connect
        /// The replica is promoted.
        case promote
    }

    enum Kind: String, CaseIterable {
        case shared, tiered
    }

    /// All orders in which the replica is not disconnected after its promotion.
    static let orders: [[Step]] = permutations(of: Step.allCases).filter {
        $0.firstIndex(of: .lag)! < $0.firstIndex(of: .promote)!
    }

    @Test(arguments: orders, Kind.allCases)
    func `No purged entry reappears after a failover`(order: [Step], kind: Kind) async throws {
        try await RedisFixture.with(arguments: ["--repl-diskless-sync-delay", "0"]) { redis in
            let failover = try await Failover(redis, kind: kind)
            for step in order { try await failover.take(step) }
            try await failover.recovers()
            await failover.end()
        }
    }

    @Test(arguments: Kind.allCases)
    func `A primary demoted and promoted again serves no purged entries`(kind: Kind) async throws {
        try await RedisFixture.with(arguments: ["--repl-diskless-sync-delay", "0"]) { redis in
            let failover = try await Failover(redis, kind: kind)
            try await failover.demotesAndPromotesAgain()
            try await failover.recovers()
            await failover.end()
        }
    }

    private static func permutations(of steps: [Step]) -> [[Step]] {
        guard !steps.isEmpty else { return [[]] }
        return steps.flatMap { step in permutations(of: steps.filter { $0 != step }).map { [step] + $0 } }
    }
}

/// A primary and a replica behind a proxy, two instances of a service, and an entry that both have found.
private final class Failover {
    private static let key = CacheKey(digestOf: "key")

    private let master: RedisServer
    private let replica: RedisServer
    private let proxy: FaultProxy
    private let stores: [any CacheStore]
    private let redis: RedisFixture
    /// The instances that must not find the purged entry.
    private var forbidden: [Int] = []

    init(_ redis: RedisFixture, kind: FailoverTests.Kind) async throws {
        self.redis = redis
        master = redis.server
        replica = try await RedisServer.start(arguments: ["--replicaof", "127.0.0.1", "\(master.port)"])
        let proxy = try await FaultProxy.start(to: master.port)
        self.proxy = proxy
        var stores: [any CacheStore] = []
        for _ in 0..<2 {
            let client = try redis.client(port: proxy.port) { $0.heartbeatInterval = .milliseconds(50) }
            let shared = redis.store(client) { $0.prefix = "p:" }
            stores.append(kind == .shared ? shared : try await redis.tiered(shared))
        }
        self.stores = stores
        let replica = replica
        try await eventually {
            try await replica.command("INFO", "replication").contains("master_link_status:up")
        }
        try await stores[0].store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
        for store in stores {
            for _ in 0..<3 { #expect(try await store.entry(for: Self.key)?.text == "old") }
        }
        try await Self.replicated(from: master, to: replica)
    }

    func take(_ step: FailoverTests.Step) async throws {
        switch step {
        case .purge:
            do {
                try await stores[0].purge(.tag("red"), mode: .hard)
                if let other = stores[1] as? TieredStore {
                    // Until the message has arrived.
                    try await eventually { other.memory.entry(for: Self.key) == nil }
                }
                forbidden = [0, 1]
            } catch is RedisError {
                // The purge has failed: only the instance itself knows it.
                forbidden = [0]
            }
        case .lag: _ = try await replica.command("REPLICAOF", "127.0.0.1", "1")
        case .connect:
            proxy.setTarget(replica.port)
            await proxy.disconnectAll()
        case .promote: _ = try await replica.command("REPLICAOF", "NO", "ONE")
        }
        try await check("after \(step)")
    }

    /// Waits until a replica is in sync with its primary.
    private static func replicated(from master: RedisServer, to replica: RedisServer) async throws {
        let entry = "p:entry:\(key)"
        try await eventually {
            let replies = (
                try await master.command("MGET", entry, "p:clock"), try await replica.command("MGET", entry, "p:clock")
            )
            return replies.0 == replies.1 && !replies.0.contains("$-1")
        }
    }

    /// Demotes the primary, which loses its data, and promotes it again while connections to it stay open.
    func demotesAndPromotesAgain() async throws {
        _ = try await replica.command("REPLICAOF", "NO", "ONE")
        _ = try await master.command("REPLICAOF", "127.0.0.1", "\(replica.port)")
        // An instance that is connected to the new primary stores there, and purges without the old one.
        let client = try redis.client(port: replica.port)
        let third = redis.store(client) { $0.prefix = "p:" }
        _ = try await third.purgeMark()
        try await third.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
        try await eventually {
            try await master.command("INFO", "replication").contains("master_link_status:up")
        }
        try await Self.replicated(from: replica, to: master)
        _ = try await master.command("REPLICAOF", "127.0.0.1", "1")
        try await third.purge(.tag("red"), mode: .hard)
        for store in stores {
            // The next heartbeat empties the memory tier.
            try await eventually { (store as? TieredStore)?.memory.entry(for: Self.key) == nil }
        }
        forbidden = [0, 1]
        try await check("while the old master is a replica")
        _ = try await master.command("REPLICAOF", "NO", "ONE")
        try await check("when it is a master again")
    }

    private func check(_ comment: String) async throws {
        for round in 0..<12 {
            for index in forbidden {
                let found = try? await stores[index].entry(for: Self.key)
                #expect(found?.text != "old", "instance \(index) \(comment)")
            }
            // Clients are still connecting.
            if round % 3 == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    /// Checks that both instances store, find and purge again without intervention.
    func recovers() async throws {
        for store in stores {
            try await eventually {
                guard let mark = try? await store.purgeMark() else { return false }
                return (try? await store.store(.text("new"), for: Self.key, unlessPurgedSince: mark)) == true
            }
        }
        for store in stores { try await eventually { try await store.entry(for: Self.key)?.text == "new" } }
        try await stores[0].purge(.key(Self.key), mode: .hard)
        for store in stores { try await eventually { try await store.entry(for: Self.key) == nil } }
    }

    func end() async {
        await proxy.stop()
        await replica.stop()
    }
}
