import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// Tries to get another client's response, through every middleware that stores something.
@Suite(.timeLimit(.minutes(5))) struct HostileSharingTests {
    /// An API whose response contains everything that distinguishes a request. A response that contains anything else
    /// than the content of its own request is another client's.
    static func mirror(_ fields: HTTPFields = [:]) -> Handler {
        let store = MemoryStore(byteLimit: 16 << 20)
        return Pipeline {
            ETagMiddleware()
            CacheResponseMiddleware(.forever, in: store)
        }.wrap { exchange in
            let request = exchange.request
            let seen = request.headerFields.map { "\($0.name.canonicalName): \($0.value)" }.sorted()
            return .testing(
                ([request.authority ?? "", request.path ?? "", exchange.userID ?? "-"] + seen).joined(separator: "\n"),
                fields: fields
            )
        }
    }

    static func expected(_ exchange: Exchange) -> String {
        let seen = exchange.request.headerFields.map { "\($0.name.canonicalName): \($0.value)" }.sorted()
        return ([exchange.request.authority ?? "", exchange.request.path ?? "", exchange.userID ?? "-"] + seen)
            .joined(separator: "\n")
    }

    @Test(arguments: ["Authorization", "Cookie"])
    func `Undeclared credentials have their own responses`(name: String) async throws {
        let handler = Self.mirror()
        let name = HTTPField.Name(name)!
        for value in ["", "Bearer alice", "Bearer bob", "session=1", "session=2", "Basic YTpi", " ", "x, y"] {
            for _ in 0..<2 {
                let exchange = Exchange.testing(fields: [name: value])
                #expect(try await handler(exchange).text() == Self.expected(exchange))
            }
        }
        let anonymous = Exchange.testing()
        #expect(try await handler(anonymous).text() == Self.expected(anonymous))
    }

    @Test(arguments: [KeyConstructor(dictionaryLiteral: ("path", .path), ("c", .cookies("*")))])
    func `Users named by other fields stay separate`(key: KeyConstructor) async throws {
        // With equal cookies.
        let harness = EngineHarness(key: key) { _, exchange in .testing(exchange.userID ?? "no user") }
        for user in ["alice", "bob"] {
            var exchange = Exchange.testing(fields: [.cookie: "theme=dark"])
            exchange.userID = user
            #expect(try await harness.text(exchange) == user)
        }
    }

    @Test func `An application's bit with the user's name is kept`() async throws {
        let key: KeyConstructor = ["path": .path, "user": .headers(["X-Tenant"])]
        let tenant = try #require(HTTPField.Name("X-Tenant"))
        let harness = EngineHarness(key: key, settings: .with { $0.sharing = .perUser }) { _, exchange in
            .testing("\(exchange.request.headerFields[tenant] ?? "") \(exchange.userID ?? "")")
        }
        for (name, user) in [("a", "1"), ("b", "1"), ("b", "2")] {
            var exchange = Exchange.testing(fields: [tenant: name])
            exchange.userID = user
            #expect(try await harness.text(exchange) == "\(name) \(user)")
        }
    }

    @Test func `A response in an unnegotiated coding is not stored`() async throws {
        let key: KeyConstructor = ["path": .path, "coding": .contentCoding]
        for (coding, runs) in [("br", 2), ("gzip", 1), ("identity", 1)] {
            let harness = EngineHarness(key: key) { _, _ in
                .testing("a", fields: [.vary: "Accept-Encoding", .contentEncoding: coding])
            }
            for _ in 0..<2 { _ = try await harness(.testing(fields: [.acceptEncoding: "gzip, br"])) }
            #expect(harness.counter.count == runs)
        }
    }

    @Test func `Repeated credentials are credentials`() async throws {
        let handler = Self.mirror()
        for user in ["alice", "bob"] {
            var exchange = Exchange.testing()
            for value in ["", user] {
                exchange.request.headerFields.append(HTTPField(name: .authorization, value: value))
            }
            #expect(try await handler(exchange).text() == Self.expected(exchange))
        }
    }

    @Test func `Users with unusual names are separate`() async throws {
        let names = [
            nil, "anonymous", "Anonymous", "", "0", "1", "01", "1 ", "1\u{0}", "\u{e9}", "e\u{301}",
            "a\", \"user\": \"b",
            "null", "\\u0031", "💥", "ａ", "a",
        ]
        let handler = Self.mirror()
        for _ in 0..<2 {
            for name in names {
                var exchange = Exchange.testing(fields: name == nil ? [:] : [.authorization: "x"])
                exchange.userID = name
                #expect(try await handler(exchange).text() == Self.expected(exchange))
            }
        }
    }

    @Test func `A user and a path are not interchangeable`() async throws {
        let handler = Self.mirror()
        for (path, user) in [("/a", "b"), ("/b", "a"), ("/a?user=b", "c"), ("/a", "b\", \"x\": \"")] {
            var exchange = Exchange.testing(.get, path, fields: [.authorization: "x"])
            exchange.userID = user
            for _ in 0..<2 { #expect(try await handler(exchange).text() == Self.expected(exchange)) }
        }
    }

    @Test func `Every spelling of a target has its own response`() async throws {
        let targets = [
            "/a", "/a/", "//a", "/A", "/%61", "/%41", "/a?", "/a?x", "/a?x=", "/a?x=1&y=2", "/a?y=2&x=1", "/a?x=1;y=2",
            "/a?x=%31", "/a?x=1&x=1", "/a%3Fx=1", "/a#b", "/a/../b", "/b", "/a/%2e%2e/b", "/a%2Fb", "/a/b", "/a%00",
            "/a?x=+", "/a?x=%20", "/a?utm_source=1", "*", "",
        ]
        let handler = Self.mirror()
        for _ in 0..<2 {
            for target in targets {
                let exchange = Exchange.testing(.get, target)
                #expect(try await handler(exchange).text() == Self.expected(exchange))
            }
        }
    }

    @Test func `Every host has its own response`() async throws {
        let handler = Self.mirror()
        for host in ["a.test", "b.test", "a.test:8080", "a.test.", "a.test@b.test", nil] {
            var exchange = Exchange.testing()
            exchange.request.authority = host
            for _ in 0..<2 { #expect(try await handler(exchange).text() == Self.expected(exchange)) }
        }
    }

    @Test(arguments: ["X-Forwarded-Host", "X-Original-URL", "X-HTTP-Method-Override", "Accept-Language", "Origin"])
    func `A field in Vary is always in the key`(name: String) async throws {
        // Or the response is not stored.
        let field = HTTPField.Name(name)!
        for vary in [name, name.lowercased(), "Accept, \(name)", "*", ",,\(name)"] {
            let handler = Self.mirror([.vary: vary])
            for value in ["evil.test", "good.test"] {
                let exchange = Exchange.testing(fields: [field: value])
                #expect(try await handler(exchange).text() == Self.expected(exchange), "Vary: \(vary)")
            }
        }
    }

    @Test func `All lines of Vary count`() async throws {
        let handler = Pipeline {
            CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { exchange in
            var reply = Reply.testing(exchange.request.headerFields[.origin] ?? "-")
            for value in ["Accept-Charset", "Origin"] {
                reply.headerFields.append(HTTPField(name: .vary, value: value))
            }
            return reply
        }
        for origin in ["a", "b"] {
            #expect(try await handler(.testing(fields: [.origin: origin])).text() == origin)
        }
    }

    @Test(arguments: [
        "private", "Private", "PRIVATE", "max-age=60, private", "private=\"Set-Cookie\"", " private ", "no-store",
        "no-cache", "public, no-store", "max-age=1,,private",
    ])
    func `The response's own Cache-Control is respected`(directive: String) async throws {
        let handler = Pipeline {
            CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { exchange in
            .testing(exchange.request.headerFields[.from] ?? "-", fields: [.cacheControl: directive])
        }
        for user in ["alice", "bob"] {
            #expect(try await handler(.testing(fields: [.from: user])).text() == user)
        }
    }

    @Test func `A request with a body never receives another request's response`() async throws {
        // One that was generated without the body.
        let handler = Pipeline {
            CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { exchange in .testing(String(buffer: try await exchange.body.collect(upTo: 100))) }
        for body in ["", "a", "b"] {
            #expect(try await handler(.testing(body: ByteBuffer(string: body))).text() == body)
        }
    }

    @Test func `Concurrent users of one path never share a response`() async throws {
        let handler = Self.mirror()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    var exchange = Exchange.testing(.get, "/me", fields: [.authorization: "\(number % 50)"])
                    if number % 3 > 0 { exchange.userID = "\(number % 50)" }
                    return try await handler(exchange).text() == Self.expected(exchange)
                }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test func `A stored response never contains another client's cookie`() async throws {
        for sharing in [Sharing.guarded, .perUser, .public] {
            let handler = Pipeline {
                CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20)) { $0.sharing = sharing }
            }.wrap { exchange in
                .testing("a", fields: [.setCookie: "session=\(exchange.request.headerFields[.from] ?? "-")"])
            }
            for user in ["alice", "bob"] {
                let cookie = try await handler(.testing(fields: [.from: user])).headerFields[.setCookie]
                #expect(cookie == nil || cookie == "session=\(user)")
            }
        }
    }

    @Test func `A method override bypasses the cache`() async throws {
        let handler = Self.mirror()
        _ = try await handler(.testing())
        for method in [HTTPRequest.Method.post, .init("get")!, .init("Get")!, .init("QUERY")!] {
            let exchange = Exchange.testing(method, fields: [.from: "bob"])
            #expect(try await handler(exchange).text() == Self.expected(exchange))
        }
    }
}
