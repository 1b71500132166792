import Testing

@testable import Cities

@Suite struct CacheLocationTests {
    @Test func `Without a server responses are cached in memory`() throws {
        #expect(try CacheLocation("memory") == .memory)
        #expect(CacheLocation.memory.description == "memory")
    }

    @Test(arguments: [
        ("redis://localhost", "redis://localhost:6379/0"),
        ("redis://user:secret@cache:7000/2", "redis://cache:7000/2"),
        ("rediss://:secret@cache", "rediss://cache:6379/0"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("tiered+redis://user:secret@[::1]:7000", "tiered+redis://[::1]:7000/0"),
        ("tiered+rediss://cache/3", "tiered+rediss://cache:6379/3"),
        ("Tiered+unix://:secret@/run/redis.sock", "tiered+unix:///run/redis.sock?db=0"),
    ])
    func `A URL selects a server, and its description hides credentials`(text: String, shown: String) throws {
        #expect(try CacheLocation(text).description == shown)
    }

    @Test(arguments: [
        ("", "expected redis, rediss or unix"),
        ("disk", "expected redis, rediss or unix"),
        ("tiered+memory", "expected redis, rediss or unix"),
        ("tiered+tiered+redis://cache", "unknown scheme"),
        ("redis+tiered://cache", "unknown scheme"),
        ("http://cache", "unknown scheme"),
        ("redis://user:secret@cache:0", "expected a number from 1 to 65535"),
        ("tiered+redis://user:secret@", "missing host"),
        ("redis://:secret@cache/first", "invalid database"),
    ])
    func `An invalid location is rejected without repeating it`(text: String, reason: String) throws {
        // The error says what was expected.
        let failure = try #require(throws: CacheLocation.Failure.self) { try CacheLocation(text) }
        #expect(failure.description.hasPrefix("expected memory"))
        #expect(failure.description.contains(reason))
        #expect(!failure.description.contains("secret"))
    }
}
