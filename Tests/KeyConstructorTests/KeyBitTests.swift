import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@Suite struct KeyBitTests {
    static func json(_ bit: KeyConstructor.Bit, _ exchange: Exchange) async throws -> String {
        let text = try await (["bit": bit] as KeyConstructor).explanation(for: exchange)
        return String(text.dropFirst(8).dropLast())
    }

    @Test func `The route bits write view and method`() async throws {
        for (method, name) in [(HTTPRequest.Method.get, "get"), (.head, "get"), (.put, "put")] {
            let exchange = Exchange.testing(method, view: "app.views.CityView")
            #expect(try await Self.json(.uniqueMethodID, exchange) == "\"app.views.CityView.\(name)\"")
            #expect(try await Self.json(.uniqueViewID, exchange) == "\"app.views.CityView\"")
        }
    }

    @Test func `Missing application values have default texts`() async throws {
        var exchange = Exchange.testing()
        #expect(try await Self.json(.format, exchange) == "null")
        #expect(try await Self.json(.language, exchange) == "\"None\"")
        #expect(try await Self.json(.user, exchange) == "\"anonymous\"")
        exchange.format = "json"
        exchange.language = "zh-Hans"
        exchange.userID = "0"
        #expect(try await Self.json(.format, exchange) == "\"json\"")
        #expect(try await Self.json(.language, exchange) == "\"zh-Hans\"")
        #expect(try await Self.json(.user, exchange) == "\"0\"")
        #expect(try await Self.json(.host, exchange) == "\"example.test\"")
        #expect(try await Self.json(.scheme, exchange) == "\"http\"")
        exchange.request.authority = "Example.TEST:80"
        #expect(try await Self.json(.host, exchange) == "\"example.test:80\"")
        exchange.request.scheme = nil
        #expect(try await Self.json(.scheme, exchange) == "null")
    }

    @Test(
        arguments: [
            (["accept-language", "X-Geobase-ID"], #"{"accept-language": "Ru", "x-geobase-id": "123"}"#),
            (["Accept-Language", "accept-language"], #"{"accept-language": "Ru"}"#),
            (["accept_language"], #"{"accept_language": "Ru"}"#),
            (["x-empty", "x-missing"], #"{"x-empty": ""}"#),
            (["content-type"], #"{"content-type": "text/plain"}"#),
            (["x-twice"], #"{"x-twice": "a, b"}"#),
            (.nothing, "{}"),
            ([], "{}"),
            (
                "*",
                #"{"accept-language": "Ru", "content-type": "text/plain", "x-empty": "", "x-geobase-id": "123", "#
                    + #""x-twice": "a, b"}"#
            ),
        ] as [(KeyParameters, String)])
    func `Headers are selected by name`(parameters: KeyParameters, expected: String) async throws {
        var fields: HTTPFields = [
            .acceptLanguage: "Ru", .contentType: "text/plain", .ifNoneMatch: "\"a\"", .date: "now",
        ]
        for (name, value) in [("X-Geobase-Id", "123"), ("X-Empty", ""), ("X-Twice", "a"), ("X-Twice", "b")] {
            fields.append(HTTPField(name: HTTPField.Name(name)!, value: value))
        }
        #expect(try await Self.json(.headers(parameters), .testing(fields: fields)) == expected)
    }

    @Test(
        arguments: [
            ("*", "/?b=2&a=1", #"{"a": "1", "b": "2"}"#),
            ("*", "/?a=1&b=2", #"{"a": "1", "b": "2"}"#),
            ("*", "/?a=2&a=1&b", #"{"a": ["2", "1"], "b": ""}"#),
            ("*", "/", "{}"),
            (["a"], "/?b=2&a=1", #"{"a": "1"}"#),
            (["c", "b", "b"], "/?b=2&a=1", #"{"b": "2"}"#),
            (.nothing, "/?b=2&a=1", "{}"),
        ] as [(KeyParameters, String, String)])
    func `Query parameters are selected by name`(parameters: KeyParameters, target: String, expected: String)
        async throws
    {
        #expect(try await Self.json(.queryParameters(parameters), .testing(.get, target)) == expected)
    }

    @Test(
        arguments: [
            ("*", #"{"city": "London", "f": "1.0", "flag": "True", "n": "5", "pk": "1"}"#),
            (.nothing, "{}"),
            (["pk"], #"{"pk": "1"}"#),
            (["zz", "city"], #"{"city": "London"}"#),
            (["nothing"], "{}"),
        ] as [(KeyParameters, String)])
    func `Path parameters are converted to text`(parameters: KeyParameters, expected: String) async throws {
        var exchange = Exchange.testing()
        exchange.pathParameters = PathParameters(named: [
            .init("pk", "1"), .init("city", "London"), .init("n", 5), .init("nothing", nil), .init("flag", true),
            .init("f", 1.0),
        ])
        #expect(try await Self.json(.pathParameters(parameters), exchange) == expected)
    }

    @Test(
        arguments: [
            ("*", #"["a", 1, null, 1.0, true]"#),
            (.nothing, "[]"),
            ([0], #"["a"]"#),
            ([4, 0, 0], #"[true, "a", "a"]"#),
            ([-1, -5], #"[true, "a"]"#),
            ([9, -9, 1], "[null, null, 1]"),
        ] as [(KeyParameters, String)])
    func `Arguments are unchanged`(parameters: KeyParameters, expected: String) async throws {
        var exchange = Exchange.testing()
        exchange.pathParameters = PathParameters(positional: ["a", 1, nil, 1.0, true])
        #expect(try await Self.json(.arguments(parameters), exchange) == expected)
    }

    @Test func `Pagination names of the route replace those of the bit`() async throws {
        var exchange = Exchange.testing(.get, "/?page=2&page_size=5&other=1&p=7")
        #expect(try await Self.json(.pagination, exchange) == #"{"page": "2", "page_size": "5"}"#)
        #expect(try await Self.json(.pagination(["other"]), exchange) == #"{"other": "1"}"#)
        exchange[PaginationParameterNames.self] = ["p"]
        #expect(try await Self.json(.pagination, exchange) == #"{"p": "7"}"#)
        exchange[PaginationParameterNames.self] = []
        #expect(try await Self.json(.pagination, exchange) == "{}")
    }
}
