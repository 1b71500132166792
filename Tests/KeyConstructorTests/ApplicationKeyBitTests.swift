import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// Bits that drf-extensions does not have, and bits over data that the application supplies.
@Suite struct ApplicationKeyBitTests {
    enum Tenant: AttributeKey { typealias Value = String }

    @Test(
        arguments: [
            (["session"], #"{"session": "abc=="}"#), (["b", "missing"], #"{"b": " 1 "}"#),
            (["a"], #"{"a": ["a=1", "a=2"]}"#), (["flag", "sid"], #"{"flag": ["flag"], "sid": ["sid =dark"]}"#),
            ("*", #"["session=abc==; b= 1 ;flag", "a=1;a=2", "sid =dark"]"#), (.nothing, "{}"),
        ] as [(KeyParameters, String)])
    func `Cookies are selected by name`(parameters: KeyParameters, expected: String) async throws {
        var exchange = Exchange.testing()
        exchange.request.headerFields[values: .cookie] = ["session=abc==; b= 1 ;flag", "a=1;a=2", "sid =dark"]
        #expect(try await KeyBitTests.json(.cookies(parameters), exchange) == expected)
    }

    @Test(arguments: [
        // A semicolon and an equals sign with a mark are other characters.
        ("cafe\u{301}=1", #"{"caf\u00e9": ["cafe\u0301=1"]}"#),
        ("caf\u{E9}=1;\u{301}=2", #"{"caf\u00e9": "1;\u0301=2"}"#),
        ("a=1\u{37E}caf\u{E9}=2", #"{"caf\u00e9": "2"}"#), ("caf\u{E9}=\u{301}1", "{}"),
        ("caf\u{E9}" + String(repeating: "\u{345}\u{301}", count: 100_000) + "=1; caf\u{E9}=2", #"{"caf\u00e9": "2"}"#),
    ])
    func `Cookies are parsed like Hummingbird parses them`(line: String, expected: String) async throws {
        var exchange = Exchange.testing()
        exchange.request.headerFields[values: .cookie] = [line]
        #expect(try await KeyBitTests.json(.cookies(["caf\u{E9}"]), exchange) == expected)
    }

    @Test func `Only all cookies separate the Cookie field`() {
        #expect((["c": .cookies("*")] as KeyConstructor).separates.separates(.cookie))
        #expect(!(["c": .cookies(["session"])] as KeyConstructor).separates.separates(.cookie))
        let key: KeyConstructor = ["c": .cookies(["session"]), "d": .cookies(["theme"])]
        #expect(key.separates.cookies == ["session", "theme"])
    }

    @Test func `The path is written as sent, without the query`() async throws {
        #expect(try await KeyBitTests.json(.path, .testing(.get, "/a%20b/c?d=/e")) == "\"/a%20b/c\"")
        #expect(try await KeyBitTests.json(.path, .testing(.get, "/")) == "\"/\"")
    }

    @Test func `A body is represented by its digest`() async throws {
        // A body that is incomplete or too large gives no key.
        let bit = KeyConstructor.Bit.bodyDigest(upTo: 3)
        let whole = Exchange.testing(.post, body: ByteBuffer(string: "abc"))
        #expect(try await KeyBitTests.json(bit, whole) == "\"900150983cd24fb0d6963f7d28e17f72\"")
        #expect(try await KeyBitTests.json(bit, .testing(.post)) == "\"\"")
        let large = Exchange.testing(.post, body: ByteBuffer(string: "abcd"))
        await #expect(throws: BodyTooLarge(limit: 3)) { try await KeyBitTests.json(bit, large) }

        var streaming = Exchange.testing(.post)
        streaming.body = RequestBody(.stream(AsyncThrowingStream { $0.finish() }))
        await #expect(throws: BodyDigestKeyBit.BodyNotCollected.self) { try await KeyBitTests.json(bit, streaming) }
        let collecting = Pipeline { CollectBodyMiddleware(upTo: 3) }.wrap { exchange in
            .testing(try await KeyBitTests.json(bit, exchange))
        }
        streaming.body = Self.stream("a", "bc")
        #expect(try await collecting(streaming).text() == "\"900150983cd24fb0d6963f7d28e17f72\"")
        streaming.body = Self.stream("ab", "cd")
        #expect(try await collecting(streaming).status == .contentTooLarge)
    }

    static func stream(_ parts: String...) -> RequestBody {
        RequestBody(
            .stream(
                AsyncThrowingStream { continuation in
                    for part in parts { continuation.yield(ByteBuffer(string: part)) }
                    continuation.finish()
                }
            )
        )
    }

    @Test func `Attributes of the exchange are part of the key`() async throws {
        var exchange = Exchange.testing()
        #expect(try await KeyBitTests.json(.attribute(Tenant.self), exchange) == "null")
        exchange[Tenant.self] = "acme"
        #expect(try await KeyBitTests.json(.attribute(Tenant.self), exchange) == "\"acme\"")
    }

    @Test(arguments: [
        (["utm_*", "fbclid"], "/?utm_source=a&b=1&fbclid=x&utm_=&utm=2", #"{"b": "1", "utm": "2"}"#),
        (["*"], "/?a=1", "{}"), (["a*b*c"], "/?abc=1&aXbYc=2&ac=3&abcd=4", #"{"abcd": "4", "ac": "3"}"#),
        (["a*a"], "/?a=1&aa=2&aba=3", #"{"a": "1"}"#), (["%2A"], "/?%2A=1&a=2", #"{"*": ["%2A=1"], "a": "2"}"#),
        (["a", "%61"], "/?%61=1&b=2", #"{"b": "2"}"#),
        (["a"], "/?%61=1&b=2", #"{"a": ["%61=1"], "b": "2"}"#),
    ])
    func `Ignored query parameters are not part of the key`(patterns: [String], target: String, expected: String)
        async throws
    {
        #expect(try await KeyBitTests.json(.queryParameters(ignoring: patterns), .testing(.get, target)) == expected)
    }

    @Test(arguments: [
        "/?a=1&b=2&a=3", "/?a=%31&b=2&a=3", "/?a&b=x+y&a=3", "/?a=1&a=2&a=3", "/?aa=1&a", "/?&&a==3&=a", "/?a=1&b=\"\\",
        "/", "/?",
    ])
    func `Encoded and plain queries have the same key`(target: String) async throws {
        let exchange = Exchange.testing(.get, target)
        var decoded = exchange
        // A percent sequence in an unused parameter sends the query through the decoder.
        decoded.request.path = target + (target.contains("?") ? "&" : "?") + "zz=%41"
        for repetition in [QueryParametersKeyBit.Repetition.all, .last] {
            let bit = KeyConstructor.Bit(QueryParametersKeyBit(["a", "b"], repetition: repetition))
            #expect(try await KeyBitTests.json(bit, exchange) == KeyBitTests.json(bit, decoded))
        }
    }

    @Test func `Only the last value counts when requested`() async throws {
        let bit = KeyConstructor.Bit(QueryParametersKeyBit(repetition: .last))
        #expect(try await KeyBitTests.json(bit, .testing(.get, "/?a=1&a=2")) == #"{"a": "2"}"#)
    }

    @Test func `A key can be a function of the request`() async throws {
        let exchange = Exchange.testing(.get, "/", fields: [.from: "me"])
        let computed: KeyConstructor = ["key": .computed { .string($0.request.headerFields[.from] ?? "no user") }]
        #expect(try await computed.explanation(for: exchange) == #"{"key": "me"}"#)
        #expect(computed.synchronousKey(for: exchange) == CacheKey(digestOf: #"{"key": "me"}"#))
        let awaited: KeyConstructor = [
            "key": .awaited(separates: RequestSeparation(user: true)) { exchange in
                await Task.yield()
                return ["user": .string(exchange.userID ?? "")]
            }
        ]
        #expect(try await awaited.explanation(for: exchange) == #"{"key": {"user": ""}}"#)
        #expect(awaited.separates.user)
    }

    @Test func `Closures return key values, texts or numbers`() async throws {
        let release = "1.2"
        let key: KeyConstructor = [
            "a": .computed { _ in release }, "b": .computed { _ in "text" },
            "c": .computed { $0.request.headerFields.count },
            "d": .computed { _ in ["x": 1, "y": nil] }, "e": .awaited { _ in release }, "f": .awaited { _ in [1, 2] },
            "g": .computed { exchange in
                guard let user = exchange.userID else { return .null }
                return .string(user)
            }, "h": .constant("build 7"),
        ]
        #expect(
            try await key.explanation(for: .testing())
                == #"{"a": "1.2", "b": "text", "c": 0, "d": {"x": 1, "y": null}, "e": "1.2", "f": [1, 2], "g": null, "#
                + #""h": "build 7"}"#)
        #expect((["h": .constant("a")] as KeyConstructor) == ["h": .constant("a")])
        #expect((["h": .constant("\u{E9}")] as KeyConstructor) != ["h": .constant("e\u{301}")])
    }

    @Test func `Statements and their bound values are part of the key`() async throws {
        // Different statements never have the same text.
        var exchange = Exchange.testing()
        #expect(try await KeyBitTests.json(.listSQLQuery, exchange) == "null")
        exchange[ListQuery.self] = QueryDescription("SELECT 1")
        #expect(try await KeyBitTests.json(.listSQLQuery, exchange) == "\"SELECT 1\"")
        exchange[ListQuery.self] = QueryDescription("a = ? AND b = ?", values: ["1 AND b = 2", 5])
        #expect(try await KeyBitTests.json(.listSQLQuery, exchange) == #"["a = ? AND b = ?", "1 AND b = 2", 5]"#)
        let inlined = KeyConstructor.Bit(QueryDescriptionKeyBit(.list, style: .inlined))
        #expect(try await KeyBitTests.json(inlined, exchange) == #""a = 1 AND b = 2 AND b = 5""#)
        exchange[ListQuery.self] = .empty
        #expect(try await KeyBitTests.json(.listSQLQuery, exchange) == "null")
        #expect(try await KeyBitTests.json(.retrieveSQLQuery, exchange) == "null")
        exchange[RetrieveQuery.self] = QueryDescription("SELECT ?", values: [nil])
        #expect(try await KeyBitTests.json(.retrieveSQLQuery, exchange) == #"["SELECT ?", null]"#)
    }

    @Test func `Rows are written like a Python list of tuples`() async throws {
        var exchange = Exchange.testing()
        #expect(try await KeyBitTests.json(.listModelValues, exchange) == "null")
        exchange[ListModelValues.self] = ModelValues([])
        #expect(try await KeyBitTests.json(.listModelValues, exchange) == "null")
        exchange[RetrieveModelValues.self] = ModelValues([[1]])
        #expect(try await KeyBitTests.json(.retrieveModelValues, exchange) == #""[(1,)]""#)
        exchange[ListModelValues.self] = ModelValues([
            [1, "Moscow", nil, 12.0, true], ["O'Hara", "say \"hi\"", "both ' and \"", "a\\b\n\t\u{1}\u{a0}é\u{200b}😀"],
        ])
        let expected =
            #""[(1, 'Moscow', None, 12.0, True), (\"O'Hara\", 'say \"hi\"', 'both \\' and \"', "#
            + #"'a\\\\b\\n\\t\\x01\\xa0\u00e9\\u200b\ud83d\ude00')]""#
        #expect(try await KeyBitTests.json(.listModelValues, exchange) == expected)
    }

    @Test func `A change in any of many rows changes the key`() async throws {
        // Here in the last one.
        let constructor = KeyConstructor.defaultModelList
        var keys: Set<CacheKey> = []
        for last in 0..<2 {
            var exchange = Exchange.testing()
            exchange[ListModelValues.self] = ModelValues { () -> ModelValues.Rows in
                AsyncThrowingStream { continuation in
                    for row in 0..<5000 { continuation.yield([.integer(row), "a row"]) }
                    continuation.yield([.integer(last)])
                    continuation.finish()
                }
            }
            let text = try await constructor.explanation(for: exchange)
            let key = try await constructor.key(for: exchange)
            #expect(key == CacheKey(digestOf: text), "text longer than the writer's buffer")
            keys.insert(key)
        }
        #expect(keys.count == 2)
    }

    @Test(
        arguments: [
            (["REMOTE_ADDR", "NOPE", "remote_addr"], #"{"REMOTE_ADDR": "::1"}"#),
            (["HTTP_USER_AGENT", "CONTENT_TYPE"], #"{"CONTENT_TYPE": "a/b", "HTTP_USER_AGENT": "curl/8"}"#),
            (["SERVER_NAME", "SERVER_PORT"], #"{"SERVER_NAME": "example.test", "SERVER_PORT": "80"}"#),
            (["GEOIP_CITY", "N", "B", "Z", "NULL"], #"{"B": "True", "GEOIP_CITY": "\u041c", "N": "5", "Z": "1.0"}"#),
            (.nothing, "{}"),
            (
                "*",
                #"{"B": "True", "CONTENT_TYPE": "a/b", "GEOIP_CITY": "\u041c", "HTTP_USER_AGENT": "curl/8", "N": "5", "#
                    + #""PATH_INFO": "/p", "QUERY_STRING": "q=1", "REMOTE_ADDR": "::1", "REQUEST_METHOD": "GET", "#
                    + #""SCRIPT_NAME": "", "SERVER_NAME": "example.test", "SERVER_PORT": "80", "Z": "1.0"}"#
            ),
        ] as [(KeyParameters, String)])
    func `Environment values are selected by WSGI names`(parameters: KeyParameters, expected: String) async throws {
        var exchange = Exchange.testing(
            .get, "/p?q=1",
            fields: [.userAgent: "curl/8", .contentType: "a/b", .ifNoneMatch: "\"x\"", .connection: "close"]
        )
        exchange.remoteAddress = try SocketAddress(ipAddress: "::1", port: 5)
        exchange[RequestMeta.self] = ["GEOIP_CITY": "М", "N": 5, "B": true, "Z": 1.0, "NULL": nil]
        #expect(try await KeyBitTests.json(.requestMeta(parameters), exchange) == expected)
        #expect(try await KeyBitTests.json(.requestMeta(parameters), exchange) == expected, "and again the same")
    }

    @Test func `Constructors with the same content are equal and hash equal`() {
        let one: KeyConstructor = ["user": .user, "q": .queryParameters(["b", "a"]), "h": .headers(["X-A"])]
        let two: KeyConstructor = ["h": .headers(["x-a"]), "q": .queryParameters(["a", "b"]), "user": .user]
        #expect(one == two)
        #expect(one.hashValue == two.hashValue)
        #expect(one != two.overriding(["q": ["a"]]))
        #expect(one != two.memoizedForRequest())
        #expect(one != two.adding(["x": .path]))
        #expect(KeyConstructor.default.adding([:]) == .default)
        #expect(KeyConstructor([("b", .user), ("a", .path), ("b", .host)]) == ["a": .path, "b": .host])

        struct Opaque: KeyBit {
            let closure: @Sendable () -> String
            func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(closure()) }
        }
        let opaque: KeyConstructor = ["o": .custom(Opaque { "a" })]
        #expect(opaque == opaque)
        #expect(opaque != (["o": .custom(Opaque { "a" })] as KeyConstructor), "a closure is equal only to itself")
    }

    @Test func `Constructors use the memoization of the pipeline by default`() async throws {
        let counter = HandlerCounter()
        let open: KeyConstructor = ["n": .custom(KeyConstructorTests.CountingKeyBit(counter: counter))]
        var exchange = Exchange.testing()
        exchange.memoizesByDefault = true
        #expect(try await open.key(for: exchange) == open.key(for: exchange))
        #expect(counter.count == 1)
        let never = open.memoizedForRequest(false)
        #expect(try await never.key(for: exchange) != never.key(for: exchange))
    }

    @Test func `Concurrent middleware of one request wait for one evaluation`() async throws {
        struct Slow: AsyncKeyBit {
            let counter: HandlerCounter
            func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
                for _ in 0..<100 { await Task.yield() }
                writer.write(counter.increment())
            }
        }
        let counter = HandlerCounter()
        let constructor = (["slow": .custom(Slow(counter: counter))] as KeyConstructor).memoizedForRequest()
        let exchange = Exchange.testing()
        let keys = try await withThrowingTaskGroup(of: CacheKey.self) { group in
            for _ in 0..<20 { group.addTask { try await constructor.key(for: exchange) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        #expect(counter.count == 1)
    }
}
