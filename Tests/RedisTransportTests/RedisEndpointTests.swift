import Testing

@testable import RedisTransport

@Suite struct RedisEndpointTests {
    static let accepted: [(String, RedisEndpoint)] = [
        ("redis://localhost", RedisEndpoint(address: .host("localhost", port: 6379))),
        ("redis://10.0.0.1:7000/3", RedisEndpoint(address: .host("10.0.0.1", port: 7000), database: 3)),
        ("REDISS://h/", RedisEndpoint(address: .host("h", port: 6379), usesTLS: true)),
        ("redis://:p%40ss@h:1/0", RedisEndpoint(address: .host("h", port: 1), password: "p@ss")),
        ("redis://u:p:w@h", RedisEndpoint(address: .host("h", port: 6379), user: "u", password: "p:w")),
        ("redis://u:@h", RedisEndpoint(address: .host("h", port: 6379), user: "u", password: "")),
        ("redis://:@h", RedisEndpoint(address: .host("h", port: 6379))),
        ("redis://u@x:p@h", RedisEndpoint(address: .host("h", port: 6379), user: "u@x", password: "p")),
        ("redis://[::1]:6380", RedisEndpoint(address: .host("::1", port: 6380))),
        ("unix:///run/redis.sock?db=2", RedisEndpoint(address: .unixSocket("/run/redis.sock"), database: 2)),
        ("unix:///run/a@b.sock", RedisEndpoint(address: .unixSocket("/run/a@b.sock"))),
        (
            "unix://u:p@/run/a%20b.sock",
            RedisEndpoint(address: .unixSocket("/run/a b.sock"), user: "u", password: "p")
        ),
    ]

    @Test(arguments: accepted)
    func `A URL has the address and the credentials`(url: String, endpoint: RedisEndpoint) throws {
        #expect(try RedisEndpoint(url: url) == endpoint)
    }

    static let refused: [(String, RedisURLError)] = [
        ("localhost:6379", .scheme), ("http://h", .scheme), ("redis://", .host), ("redis://:1", .host),
        ("redis://u:p@", .host), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:x", .port),
        ("redis://h:", .port), ("redis://[::1", .host), ("redis://[::1]x", .port), ("redis://h/x", .database),
        ("redis://h/-1", .database), ("redis://h/99999999999999999999", .database), ("redis://h?db=1", .query),
        ("redis://u@h", .password), ("unix://u@/run/redis.sock", .password),
        ("unix://run/redis.sock", .socket), ("unix:///", .socket), ("unix:///a?database=1", .database),
    ]

    @Test(arguments: refused)
    func `An invalid URL is an error with its invalid part`(url: String, error: RedisURLError) {
        #expect(throws: error) { try RedisEndpoint(url: url) }
    }

    @Test func `A socket path that is too long is an error`() throws {
        let longest = "/" + String(repeating: "x", count: RedisEndpoint.socketPathLimit - 1)
        let endpoint = try RedisEndpoint(url: "unix://\(longest)")
        #expect(endpoint.address == .unixSocket(longest))
        let error = RedisURLError.socketLength(longest.utf8.count + 1)
        #expect(throws: error) { try RedisEndpoint(url: "unix://\(longest)x") }
        #expect(error.description.contains("\(longest.utf8.count + 1) bytes"))
        #expect(throws: error) { try RedisClient(RedisEndpoint(address: .unixSocket(longest + "x"))) }
    }

    @Test func `A description has no password`() throws {
        for url in ["redis://user:secret@h:1/2", "unix://user:secret@/run/redis.sock?db=2"] {
            let text = "\(try RedisEndpoint(url: url))"
            #expect(!text.contains("secret"))
            #expect(text.contains("2"))
        }
    }
}
