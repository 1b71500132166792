import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

/// The declared separation of bits compared with their keys.
@Suite struct KeySeparationTests {
    static func fields(_ lines: [(String, String)]) -> HTTPFields {
        lines.reduce(into: HTTPFields()) { $0.append(HTTPField(name: HTTPField.Name($1.0)!, value: $1.1)) }
    }

    static func json(_ bit: KeyConstructor.Bit, _ lines: [(String, String)]) async throws -> String {
        try await KeyBitTests.json(bit, .testing(fields: fields(lines)))
    }

    /// Fields of requests that each differ in a way that a handler can see.
    static let requests: [[(String, String)]] = [
        [], [("x-tenant", "a")], [("x-tenant", "b")], [("X_Tenant", "a")], [("X_Tenant", "b")],
        [("X-Tenant", "a"), ("X_Tenant", "b")], [("X-Tenant", "b"), ("X_Tenant", "a")],
        [("X_Tenant", "a"), ("X_Tenant", "b")], [("X-Tenant", "a"), ("X-Tenant", "b")], [("content_type", "a")],
        [("content-type", "a")], [("if_match", "a")], [("Cookie", "a=1"), ("Cookie", "b=2")], [("Cookie", "b=2; a=1")],
        [("Cookie", "a=1"), ("Cookie", "b=3")],
    ]

    @Test(arguments: [
        KeyConstructor.Bit.headers("*"), .requestMeta("*"),
        .headers(["x_tenant", "content_type", "if_match", "cookie"]),
        .requestMeta(["HTTP_X_TENANT", "CONTENT_TYPE", "HTTP_IF_MATCH", "HTTP_COOKIE"]),
    ])
    func `A key contains every field that its bit separates`(bit: KeyConstructor.Bit) async throws {
        let separates = (["b": bit] as KeyConstructor).separates
        for (index, request) in Self.requests.enumerated() {
            let names = request.map { HTTPField.Name($0.0)! }
            guard names.allSatisfy(separates.separates) else { continue }
            for other in Self.requests[..<index] where other.allSatisfy({ separates.separates(HTTPField.Name($0.0)!) })
            {
                #expect(try await Self.json(bit, request) != Self.json(bit, other))
            }
        }
        #expect(separates.separates(HTTPField.Name("X_Tenant")!) && separates.separates(HTTPField.Name("x-tenant")!))
    }

    @Test func `Fields with hyphens and with underscores are separate`() async throws {
        let both = [("X-Tenant", "a"), ("X_Tenant", "b")]
        #expect(try await Self.json(.headers("*"), both) == #"{"x-tenant": "a", "x_tenant": "b"}"#)
        #expect(try await Self.json(.headers(["X_Tenant"]), both) == #"{"x_tenant": ["a", "b"]}"#)
        #expect(try await Self.json(.headers(["X_Tenant"]), [both[0]]) == #"{"x_tenant": "a"}"#)
        #expect(try await Self.json(.headers(["x_tenant"]), [both[1]]) == #"{"x_tenant": [null, "b"]}"#)
        #expect(try await Self.json(.headers(["x-tenant"]), [both[1]]) == "{}")
        let meta = #"{"HTTP_X_TENANT": [["x-tenant", "a"], ["x_tenant", "b"]]}"#
        #expect(try await Self.json(.requestMeta(["HTTP_X_TENANT"]), both) == meta)
        #expect(try await Self.json(.requestMeta(["HTTP_X_TENANT"]), [both[0]]) == #"{"HTTP_X_TENANT": "a"}"#)
    }

    @Test func `An application entry does not hide a header field`() async throws {
        var exchange = Exchange.testing(fields: Self.fields([("X-City", "Rome")]))
        exchange[RequestMeta.self] = ["HTTP_X_CITY": "Roma", "SERVER_NAME": "internal"]
        #expect(
            try await KeyBitTests.json(.requestMeta(["HTTP_X_CITY", "SERVER_NAME"]), exchange)
                == #"{"HTTP_X_CITY": ["Roma", "Rome"], "SERVER_NAME": "internal"}"#)
    }

    @Test func `Only the host bit separates the Host field`() {
        let host = HTTPField.Name("Host")!
        #expect((["h": .host] as KeyConstructor).separates.separates(host))
        #expect(KeyConstructor.safeDefault.separates.separates(host))
        for bit in [
            KeyConstructor.Bit.headers("*"), .headers(["host"]), .requestMeta("*"), .requestMeta(["HTTP_HOST"]),
        ] {
            #expect(!(["h": bit] as KeyConstructor).separates.separates(host))
        }
    }

    @Test(arguments: [
        ("One.test", [], #""one.test""#), (nil, ["Two.test:81"], #""two.test:81""#),
        ("one.test", ["two.test"], #""one.test""#),
        (nil, ["One.test", "two.test"], #"["one.test", "two.test"]"#),
        (nil, ["one.test,two.test"], #""one.test,two.test""#),
        (nil, [], "null"), ("", [], #""""#), ("\u{212A}.test", [], #""\u212a.test""#),
    ])
    func `The host is the authority, or the Host fields`(authority: String?, hosts: [String], expected: String)
        async throws
    {
        var exchange = Exchange.testing(fields: Self.fields(hosts.map { ("Host", $0) }))
        exchange.request.authority = authority
        #expect(try await KeyBitTests.json(.host, exchange) == expected)
        #expect(
            try await KeyConstructor.safeDefault.explanation(for: exchange).contains(
                "\"host\": \(expected), \"language\""))
    }

    @Test(arguments: [
        ("one.test:81", [], "one.test", "81", "one.test:81"), (nil, ["Two.test:82"], "two.test", "82", "two.test:82"),
        (nil, ["[::1]"], "[::1]", "80", "[::1]"), (nil, ["a:1", "b:2"], #"a:1\nb"#, "2", #"a:1\nb:2"#),
        ("[::1]:81", [], "[::1]", "81", "[::1]:81"), ("a:\u{301}", [], "a", #"\u0301"#, #"a:\u0301"#),
    ])
    func `The environment names the same host`(
        authority: String?, hosts: [String], name: String, port: String, host: String
    ) async throws {
        var exchange = Exchange.testing(fields: Self.fields(hosts.map { ("Host", $0) }))
        exchange.request.authority = authority
        #expect(
            try await KeyBitTests.json(.requestMeta(["SERVER_NAME", "SERVER_PORT", "HTTP_HOST"]), exchange)
                == #"{"HTTP_HOST": "\#(host)", "SERVER_NAME": "\#(name)", "SERVER_PORT": "\#(port)"}"#)
    }

    @Test(.timeLimit(.minutes(1)))
    func `A request with 60,000 header fields gets a key`() async throws {
        let fields = Self.fields((0..<60_000).map { ("x-\($0)", "a") })
        for bit in [KeyConstructor.Bit.headers("*"), .requestMeta("*")] {
            let text = try await KeyBitTests.json(bit, .testing(fields: fields))
            #expect(text.utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 60_000)
        }
    }

    /// Queries that each differ for a handler that decodes them as a form, or for one that reads Hummingbird's parameters.
    @Test func `Queries with different decodings have different keys`() async throws {
        let queries = [
            "a=1", "a=+", "a=%20", "a=%2B", "%61=1", "a=1&a=2", "a=2&a=1", "a=1&%61=2", "%61=2&a=1", "%61=1&a=2",
            "a=%zz",
            "a=%41%zz", "a=A%zz", "a=1#", "a=1#&a=2", "a=%231", "a", "", "b=1", "b=1#&a=1", "a#=1", "&a=1", "=&a=1",
            "a=\u{E9}",
            "a=e\u{301}", "a=%C3%A9",
        ]
        for bit in [
            KeyConstructor.Bit.queryParameters, .queryParameters(["a", "b", ""]), .pagination(["a", "b", ""]),
        ] {
            var texts: [String: String] = [:]
            for query in queries {
                let text = try await KeyBitTests.json(bit, .testing(.get, "/?" + query))
                #expect(texts[text] == nil, "\(query) and \(texts[text] ?? "")")
                texts[text] = query
            }
        }
    }

    @Test(arguments: [
        ("/?q=a+b", #"{"q": ["q=a+b"]}"#, #"{"q": "a b"}"#), ("/?q=a%20b", #"{"q": "a b"}"#, #"{"q": "a b"}"#),
        ("/?%71=1&q=2", #"{"q": [["%71=1"], "2"]}"#, #"{"q": ["1", "2"]}"#),
        ("/?q=1&&", #"{"": [""], "q": "1"}"#, #"{"q": "1"}"#),
        ("/?a=1#&q=1", ##"{"a": ["a=1#"], "q": ["#", "q=1"]}"##, ##"{"a": "1#", "q": "1"}"##),
        ("?q=1", #"{"": ["target", "?q=1"]}"#, #"{"q": "1"}"#),
    ])
    func `Ambiguous parameters are written unchanged`(target: String, any: String, form: String) async throws {
        let exchange = Exchange.testing(.get, target)
        #expect(try await KeyBitTests.json(.queryParameters, exchange) == any)
        #expect(
            try await KeyBitTests.json(KeyConstructor.Bit(QueryParametersKeyBit(decoding: .form)), exchange) == form)
    }
}
