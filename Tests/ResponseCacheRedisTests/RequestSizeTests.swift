import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import TestSupport
import Testing

@testable import ResponseCacheRedis

/// The cost of a request's size in the server and in memory, counted in commands and bytes.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct RequestSizeTests {
    /// The cost of storing, looking up and purging one entry.
    private struct Work {
        /// The number of calls of each command, including those of scripts.
        var calls: [String: Int] = [:]
        /// The number of bytes that the server received and sent.
        var traffic = 0
        /// The size of the record in bytes.
        var recordSize = 0
        /// The memory that the entry takes, in bytes.
        var memorySize = 0
    }

    /// Paths of a given approximate length.
    static let paths: [(name: String, path: @Sendable (Int) -> String)] = [
        ("one segment", { "/" + String(repeating: "a", count: $0) }),
        ("segments", { String(repeating: "/a", count: $0 / 2) }),
        ("empty segments", { "/a" + String(repeating: "/", count: $0) }),
        ("escaped slashes", { "/a" + String(repeating: "%2F", count: $0 / 3) }),
        ("escaped percent signs", { "/a" + String(repeating: "%25", count: $0 / 3) }),
        ("invalid bytes", { "/a" + String(repeating: "%FF", count: $0 / 3) }),
        ("marks", { "/a" + String(repeating: "%CD%85%CC%81", count: $0 / 12) }),
        ("a query of slashes", { "/a?x=" + String(repeating: "/?", count: $0 / 2) }),
    ]

    @Test(arguments: paths.map(\.name))
    func `Costs grow at most linearly with the path`(name: String) async throws {
        let path = try #require(Self.paths.first { $0.name == name }).path
        let (small, large) = (try await Self.work(for: path(2048)), try await Self.work(for: path(8 * 2048)))
        #expect(small.calls == large.calls)
        #expect(large.traffic <= 8 * small.traffic)
        #expect(large.recordSize <= 8 * small.recordSize)
        #expect(large.memorySize <= 8 * small.memorySize)
    }

    private static func work(for target: String) async throws -> Work {
        var work = Work()
        let key = CacheKey(digestOf: "key")
        let entry = CacheEntry.text("hello", tags: ["tag"], path: CacheEntry.normalizedPath(target))
        let memory = MemoryStore(byteLimit: 8 << 20)
        #expect(memory.store(entry, for: key))
        work.memorySize = memory.statistics.byteCount
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client { $0.connectionCount = 1 }) { $0.prefix = "size:" }
            // Connects and loads the scripts.
            try await use(store, .text("warm-up", path: "/other"), CacheKey(digestOf: "other"), target: "/other")
            _ = try await redis.server.command("CONFIG", "RESETSTAT")
            try await use(store, entry, key, target: target)
            work.traffic =
                try await number("total_net_input_bytes", of: redis) + number("total_net_output_bytes", of: redis)
            for line in try await redis.server.command("INFO", "commandstats").split(separator: "\r\n") {
                let parts = line.split(separator: ":")
                guard parts.count == 2, parts[0].hasPrefix("cmdstat_") else { continue }
                let calls = parts[1].dropFirst("calls=".count).prefix { $0 != "," }
                work.calls[String(parts[0])] = Int(calls)
            }
            #expect(try await store.store(entry, for: key, unlessPurgedSince: nil))
            let reply = try await redis.server.command("STRLEN", "size:entry:\(key)")
            work.recordSize = try #require(Int(reply.dropFirst().prefix(while: \.isNumber)))
        }
        return work
    }

    /// Stores, looks up, purges another entry, looks up again, and purges.
    private static func use(_ store: RedisStore, _ entry: CacheEntry, _ key: CacheKey, target: String) async throws {
        let mark = try await store.purgeMark()
        #expect(try await store.store(entry, for: key, unlessPurgedSince: mark))
        #expect(try await store.entry(for: key) != nil)
        try await store.purge(.tag("none"), mode: .hard)
        #expect(try await store.entry(for: key) != nil)
        try await store.purge(.url(target), mode: .hard)
        #expect(try await store.entry(for: key) == nil)
    }

    private static func number(_ name: String, of redis: RedisFixture) async throws -> Int {
        let lines = try await redis.server.command("INFO", "stats").split(separator: "\r\n")
        return try #require(
            lines.compactMap { $0.hasPrefix(name + ":") ? Int($0.dropFirst(name.count + 1)) : nil }.first)
    }
}
