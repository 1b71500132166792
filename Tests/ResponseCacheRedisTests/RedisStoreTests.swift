import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import TestSupport
import Testing

@testable import ResponseCacheRedis

@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct RedisStoreTests {
    static let key = CacheKey(digestOf: "key")

    @Test func `The store passes the conformance suite`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            try await CacheStoreSuite { time in redis.store(client, timeSource: time) }.run()
        }
    }

    @Test func `Stores with one prefix share entries, purges and locks`() async throws {
        try await RedisFixture.with { redis in
            let first = redis.store(try redis.client()) { $0.prefix = "shared:" }
            let second = redis.store(try redis.client()) { $0.prefix = "shared:" }
            let other = redis.store(try redis.client()) { $0.prefix = "other:" }
            try await first.store(.text("hello", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await other.store(.text("other", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            #expect(try await second.entry(for: Self.key)?.text == "hello")
            let mark = try await second.purgeMark()
            try await first.purge(.tag("red"), mode: .hard)
            #expect(try await second.entry(for: Self.key) == nil)
            #expect(
                try await second.store(.text("late", tags: ["red"]), for: Self.key, unlessPurgedSince: mark) == false)
            #expect(try await other.entry(for: Self.key)?.text == "other")
            #expect(try await first.acquireLock(for: Self.key, owner: "a", duration: .seconds(60)))
            #expect(try await !second.acquireLock(for: Self.key, owner: "b", duration: .seconds(60)))
            try await second.releaseLock(for: Self.key, owner: "b")
            #expect(try await !second.acquireLock(for: Self.key, owner: "b", duration: .seconds(60)))
            try await first.releaseLock(for: Self.key, owner: "a")
            #expect(try await second.acquireLock(for: Self.key, owner: "b", duration: .seconds(60)))
        }
    }

    @Test func `A lock expires`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client())
            #expect(try await store.acquireLock(for: Self.key, owner: "a", duration: .milliseconds(5)))
            try await eventually {
                try await store.acquireLock(for: Self.key, owner: "b", duration: .seconds(60))
            }
            // The first owner no longer holds it.
            try await store.releaseLock(for: Self.key, owner: "a")
            #expect(try await !store.acquireLock(for: Self.key, owner: "c", duration: .seconds(60)))
        }
    }

    @Test func `Every entry expires in the server`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) {
                $0.prefix = "p:"
                $0.lifetimeLimit = .seconds(100)
            }
            let now = SystemTimeSource().now
            try await store.store(.text("a", expiresAt: now + .seconds(50)), for: Self.key, unlessPurgedSince: nil)
            let name = "p:entry:\(Self.key)"
            let short = try #require(Int(try await redis.server.command("PTTL", name).dropFirst().dropLast()))
            #expect((1...50_001).contains(short))
            for end in [nil, now + .seconds(5000)] {
                try await store.store(.text("a", expiresAt: end), for: Self.key, unlessPurgedSince: nil)
                let long = try #require(Int(try await redis.server.command("PTTL", name).dropFirst().dropLast()))
                #expect((50_002...100_000).contains(long))
            }
        }
    }

    @Test func `A purge writes one number`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            for number in 0..<50 {
                try await store.store(
                    .text("a", tags: ["red", "tag \(number)"], path: "/\(number)"),
                    for: CacheKey(digestOf: "\(number)"), unlessPurgedSince: nil)
            }
            for _ in 0..<3 { try await store.purge(.tag("red"), mode: .hard) }
            #expect(try await redis.server.command("ZCARD", "p:purges") == ":2\r\n", "the floor and one tag")
            #expect(try await redis.server.command("DBSIZE") == ":52\r\n", "nothing was deleted")
            #expect(try await store.entry(for: CacheKey(digestOf: "7")) == nil)
            #expect(try await redis.server.command("DBSIZE") == ":51\r\n", "the entry that was looked up was deleted")
            try await store.purge(.everything, mode: .hard)
            #expect(try await redis.server.command("ZCARD", "p:purges") == ":1\r\n")
            #expect(try await store.entry(for: CacheKey(digestOf: "8")) == nil)
        }
    }

    @Test func `Every look-up returns the mark of the latest purge`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client())
            let missed = try await store.lookUp(Self.key)
            #expect(missed.mark != nil)
            try await store.store(.text("text"), for: Self.key, unlessPurgedSince: missed.mark)
            try await store.purge(.tag("another"), mode: .hard)
            let found = try await store.lookUp(Self.key)
            #expect(found.entry?.text == "text")
            #expect(try await store.purgeMark() == found.mark)
            #expect(found.mark != missed.mark)
        }
    }

    @Test func `Dropped purges take the entries they may have selected`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) {
                $0.prefix = "p:"
                $0.purgeLimit = 10
            }
            let mark = try await store.purgeMark()
            try await store.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await store.purge(.tag("red"), mode: .hard)
            let middle = CacheKey(digestOf: "middle")
            try await store.store(.text("middle"), for: middle, unlessPurgedSince: nil)
            for number in 0..<9 { try await store.purge(.tag("\(number)"), mode: .hard) }
            #expect(try await redis.server.command("ZCARD", "p:purges") == ":10\r\n")
            #expect(
                try await store.entry(for: middle)?.text == "middle", "it is later than the forgotten purge")
            #expect(try await store.entry(for: Self.key) == nil)
            #expect(try await store.store(.text("late"), for: Self.key, unlessPurgedSince: mark) == false)
        }
    }

    @Test(arguments: [["p:clock"], ["p:purges"], ["p:clock", "p:purges"]], [false, true])
    func `Purged entries stay purged after keys are lost`(lost: [String], reconnects: Bool) async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            let mark = try await store.purgeMark()
            try await store.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            try await store.purge(.tag("red"), mode: .hard)
            for name in lost { _ = try await redis.server.command("DEL", name) }
            if reconnects { _ = try await redis.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") }
            #expect(try await store.entry(for: Self.key) == nil)
            #expect(
                try await store.store(.text("late", tags: ["red"]), for: Self.key, unlessPurgedSince: mark) == false)
            let later = try await store.purgeMark()
            #expect(try await store.store(.text("new", tags: ["red"]), for: Self.key, unlessPurgedSince: later))
            #expect(try await store.entry(for: Self.key)?.text == "new")
        }
    }

    @Test func `Evicting other keys loses no entry in use`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            let store = redis.store(client) { $0.prefix = "p:" }
            for number in 0..<3 { try await store.purge(.tag("\(number)"), mode: .hard) }
            try await store.store(.text("hot"), for: Self.key, unlessPurgedSince: nil)
            let names = ["p:clock", "p:purges", "p:run"]
            for name in names {
                _ = try await redis.server.command("DEL", name)
                #expect(try await store.entry(for: Self.key)?.text == "hot", "without \(name)")
                _ = try await redis.server.command("DEL", name)
                _ = try await redis.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                let other = redis.store(try redis.client()) { $0.prefix = "p:" }
                #expect(try await store.entry(for: Self.key)?.text == "hot", "without \(name) and reconnected")
                #expect(try await other.entry(for: Self.key)?.text == "hot", "on a new instance")
                try await other.purge(.tag("later"), mode: .hard)
                #expect(try await store.entry(for: Self.key)?.text == "hot", "purges of others do not select it")
            }
            #expect(try await !redis.server.command("KEYS", "*").contains("p:run"))
        }
    }

    @Test func `An entry of another epoch is never valid`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            let mark = try await store.purgeMark()
            try await store.store(.text("old"), for: Self.key, unlessPurgedSince: nil)
            let record = "p:entry:\(Self.key)"
            _ = try await redis.server.command("COPY", record, "saved")
            for name in ["p:clock", "p:purges"] { _ = try await redis.server.command("DEL", name) }
            let later = try await store.purgeMark()
            // Simulates a server clock that was set back and then reached the numbers of the earlier epoch.
            _ = try await redis.server.command("COPY", "saved", record, "REPLACE")
            _ = try await redis.server.command(
                "EVAL",
                "redis.call('SETRANGE', KEYS[1], 0, redis.call('GETRANGE', KEYS[2], 0, 7)) return 1",
                "2", record, "p:clock")
            #expect(try await store.entry(for: Self.key) == nil)
            #expect(try await store.store(.text("late"), for: Self.key, unlessPurgedSince: mark) == false)
            let other = PurgeMark(rawValue: later.rawValue ^ 1 << 53)
            #expect(try await store.store(.text("late"), for: Self.key, unlessPurgedSince: other) == false)
            #expect(try await store.store(.text("new"), for: Self.key, unlessPurgedSince: later))
        }
    }

    @Test func `Damaged labels are a decoding error`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            try await store.store(.text("a", tags: ["red"], path: "/a/b"), for: Self.key, unlessPurgedSince: nil)
            let record = "p:entry:\(Self.key)"
            _ = try await redis.server.command("COPY", record, "saved")
            // The checksum, the identifier, the number of labels, and the labels: key, tag, URL and three prefixes.
            for offset in 16..<(36 + 6 * 8) {
                _ = try await redis.server.command("COPY", "saved", record, "REPLACE")
                #expect(try await store.entry(for: Self.key) != nil)
                let bit = "\(offset * 8 + offset % 8)"
                let isSet = try await redis.server.command("GETBIT", record, bit) == ":1\r\n"
                _ = try await redis.server.command("SETBIT", record, bit, isSet ? "0" : "1")
                await #expect(throws: EntryDecodingError.damaged, "byte \(offset)") {
                    try await store.entry(for: Self.key)
                }
                try await store.purge(.tag("blue"), mode: .soft)
                let found = try? await store.entry(for: Self.key)
                #expect(found == nil, "byte \(offset) after a purge")
                _ = try await redis.server.command("DEL", record)
            }
        }
    }

    @Test(arguments: ["/a?x=" + String(repeating: "/", count: 60_000), String(repeating: "/a", count: 30_000)])
    func `A long URL does not enlarge the record`(url: String) async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            try await store.store(
                .text("a", path: CacheEntry.normalizedPath(url)), for: Self.key, unlessPurgedSince: nil)
            let length = try await redis.server.command("STRLEN", "p:entry:\(Self.key)")
            #expect(try #require(Int(length.dropFirst().dropLast())) < url.utf8.count + 1000)
            try await store.purge(.url(url), mode: .hard)
            #expect(try await store.entry(for: Self.key) == nil)
        }
    }

    @Test func `An entry with too many tags is not stored`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client())
            for (count, isStored) in [(PurgeLabels.limit - 1, true), (PurgeLabels.limit, false)] {
                let entry = CacheEntry.text("hello", tags: (0..<count).map { "tag \($0)" })
                #expect(try await store.store(entry, for: Self.key, unlessPurgedSince: nil) == isStored)
                #expect(try await (store.entry(for: Self.key) != nil) == isStored)
            }
        }
    }

    @Test func `An entry with thousands of tags is found and purged`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client())
            let tags = (0..<5000).map { "tag \($0)" }
            let url = String(repeating: "/a", count: 300)
            let selections: [PurgeSelection] = [
                .tag("tag 4999"), .tag("tag 0"), .prefix("/a/a/a"), .url(url), .prefix(url),
            ]
            for selection in selections {
                try await store.store(.text("hello", tags: tags, path: url), for: Self.key, unlessPurgedSince: nil)
                try await store.purge(.tag("another"), mode: .hard)
                #expect(try await store.entry(for: Self.key)?.tags == tags)
                try await store.purge(selection, mode: .hard)
                #expect(try await store.entry(for: Self.key) == nil, "purged by \(selection)")
            }
        }
    }

    @Test func `An entry that is too large removes its predecessor`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.entryByteLimit = 1000 }
            #expect(try await store.store(.text("small"), for: Self.key, unlessPurgedSince: nil))
            let large = CacheEntry.text(String(repeating: "a", count: 1000))
            #expect(try await store.store(large, for: Self.key, unlessPurgedSince: nil) == false)
            #expect(try await store.entry(for: Self.key) == nil, "the replaced entry was removed")
        }
    }

    @Test func `An invalid entry is a decoding error until replaced`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) { $0.prefix = "p:" }
            let name = "p:entry:\(Self.key)"
            _ = try await store.purgeMark()
            for text in ["", "x", "garbage that is longer than the head of a record, and is none"] {
                _ = try await redis.server.command("SET", name, text)
                await #expect(throws: EntryDecodingError.self) { try await store.entry(for: Self.key) }
                #expect(try await store.store(.text("new"), for: Self.key, unlessPurgedSince: nil))
                #expect(try await store.entry(for: Self.key)?.text == "new")
            }
            _ = try await redis.server.command("DEL", name)
            _ = try await redis.server.command("LPUSH", name, "a list")
            #expect(try await store.entry(for: Self.key) == nil, "a key of another type is not an entry")
            #expect(try await store.store(.text("new"), for: Self.key, unlessPurgedSince: nil))
            #expect(try await store.entry(for: Self.key)?.text == "new")
        }
    }

    @Test func `A variant of a found entry is shared`() async throws {
        try await RedisFixture.with { redis in
            let first = redis.store(try redis.client()) { $0.prefix = "p:" }
            let second = redis.store(try redis.client()) { $0.prefix = "p:" }
            try await first.store(.text("hello", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            let lifetime = try await redis.server.command("PTTL", "p:entry:\(Self.key)")
            let found = try #require(try await first.entry(for: Self.key))
            found.variants.insert(ByteBuffer(string: "packed"), named: "gzip")
            try await eventually { try await second.entry(for: Self.key)?.variants["gzip"] != nil }
            let other = try #require(try await second.entry(for: Self.key))
            #expect(other == found)
            #expect(other.variants["gzip"] == ByteBuffer(string: "packed"))
            #expect(try await redis.server.command("PTTL", "p:entry:\(Self.key)").count <= lifetime.count)
            // A replaced entry does not receive the variant.
            try await first.store(.text("newer"), for: Self.key, unlessPurgedSince: nil)
            other.variants.insert(ByteBuffer(string: "older"), named: "br")
            try await first.purge(.tag("nothing"), mode: .hard)
            #expect(try await first.entry(for: Self.key)?.variants["br"] == nil)
            try await second.purge(.tag("red"), mode: .hard)
            #expect(try await first.entry(for: Self.key)?.text == "newer")
        }
    }

    @Test func `A failed purge is applied before other operations`() async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let first = redis.store(try redis.client(port: proxy.port)) { $0.prefix = "p:" }
            let second = redis.store(try redis.client()) { $0.prefix = "p:" }
            let mark = try await first.purgeMark()
            try await first.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            proxy.setMode(.garbage("nonsense\r\n"))
            await #expect(throws: RedisError.self) { try await first.purge(.tag("red"), mode: .hard) }
            #expect(try await second.entry(for: Self.key) != nil, "the other instance has not received the purge")
            proxy.setMode(.pass)
            // Throws until the server has recovered, then does not find the purged entry.
            try await eventually {
                do { return try await first.entry(for: Self.key) == nil } catch is RedisError { return false }
            }
            #expect(try await second.entry(for: Self.key) == nil)
            #expect(
                try await second.store(.text("late", tags: ["red"]), for: Self.key, unlessPurgedSince: mark) == false)
            await proxy.stop()
        }
    }

    @Test func `Purged entries stay purged when purges are dropped`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client()) {
                $0.prefix = "p:"
                $0.purgeLimit = 5
            }
            for number in 0..<5 { try await store.purge(.tag("\(number)"), mode: .hard) }
            try await store.store(.text("old"), for: Self.key, unlessPurgedSince: nil)
            _ = try await redis.server.command("DEL", "p:clock", "p:purges")
            // The first purge starts a new epoch, and the others drop older purges.
            for number in 5..<8 { try await store.purge(.tag("\(number)"), mode: .hard) }
            #expect(try await store.entry(for: Self.key) == nil)
        }
    }

    @Test func `Purged entries stay purged after restoring a snapshot`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            let store = redis.store(client) { $0.prefix = "p:" }
            let mark = try await store.purgeMark()
            try await store.store(.text("old", tags: ["red"]), for: Self.key, unlessPurgedSince: nil)
            let stamp = try await VersionStamp("cities", in: store).current()
            #expect(try await redis.server.command("SAVE") == "+OK\r\n")
            try await store.purge(.tag("red"), mode: .hard)
            try await VersionStamp("cities", in: store).touch()
            await redis.server.kill()
            try await redis.server.restart()
            #expect(
                try await redis.server.command("EXISTS", "p:entry:\(Self.key)") == ":1\r\n",
                "the snapshot has the entry")
            // The first instance to connect may have known the server before or be new.
            let other = redis.store(try redis.client()) { $0.prefix = "p:" }
            try await eventually { (try? await client.ping()) != nil }
            #expect(try await other.entry(for: Self.key) == nil)
            #expect(try await store.entry(for: Self.key) == nil)
            #expect(try await VersionStamp("cities", in: other).current() != stamp)
            #expect(
                try await store.store(.text("late", tags: ["red"]), for: Self.key, unlessPurgedSince: mark) == false)
            let later = try await store.purgeMark()
            #expect(try await store.store(.text("new"), for: Self.key, unlessPurgedSince: later))
            #expect(try await other.entry(for: Self.key)?.text == "new")
        }
    }

    @Test func `An emptied server receives the scripts again`() async throws {
        try await RedisFixture.with { redis in
            let store = redis.store(try redis.client())
            try await store.store(.text("a"), for: Self.key, unlessPurgedSince: nil)
            try await store.purge(.tag("a"), mode: .hard)
            _ = try await redis.server.command("SCRIPT", "FLUSH")
            try await store.store(.text("b"), for: Self.key, unlessPurgedSince: nil)
            try await store.purge(.tag("a"), mode: .hard)
            #expect(try await store.entry(for: Self.key)?.text == "b")
        }
    }

    @Test func `All instances share a version stamp`() async throws {
        try await RedisFixture.with { redis in
            let first = VersionStamp("cities", in: redis.store(try redis.client()) { $0.prefix = "p:" })
            let second = VersionStamp("cities", in: redis.store(try redis.client()) { $0.prefix = "p:" })
            let stamp = try await first.current()
            #expect(try await second.current() == stamp)
            let next = try await second.touch()
            #expect(next != stamp)
            #expect(try await first.current() == next)
        }
    }
}
