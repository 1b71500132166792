import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@Suite struct CacheAdministrationTests {
    static let secret = "a secret of some length"

    /// An API with a cache and its administration.
    struct Administered {
        let time = ManualTimeSource()
        let store: MemoryStore
        let handler: Handler

        init(_ access: AccessCheck = try! .bearer(CacheAdministrationTests.secret)) {
            let (store, runtime) = (MemoryStore(byteLimit: 1 << 20, timeSource: time), CacheRuntime.testing(time))
            self.store = store
            handler = Pipeline {
                CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
                CacheResponseMiddleware(.minutes(1), in: store, runtime: runtime) { $0.tags = ["all"] }
            }.wrap { exchange in .testing("response of \(exchange.request.path ?? "")") }
        }

        func ask(
            _ method: HTTPRequest.Method = .get,
            _ target: String,
            secret: String? = CacheAdministrationTests.secret,
            fields: HTTPFields = [:]
        ) async throws -> (status: Int, text: String) {
            let fields = fields + (secret.map { [.authorization: "Bearer \($0)"] } ?? [:])
            let reply = try await handler(.testing(method, "/cache-administration" + target, fields: fields))
            #expect(reply.headerFields[.cacheControl] == "no-store")
            return (reply.status.code, try await reply.text())
        }
    }

    @Test(arguments: [
        nil, "", "a secret", "a secret of some lengtH", "a secret of some length, or another",
    ])
    func `Without access every request is refused`(secret: String?) async throws {
        let api = Administered()
        _ = try await api.handler(.testing())
        for target in ["/statistics", "/entries/x", "/nowhere", "", "/purges?everything=true", "//statistics"] {
            #expect(try await api.ask(.post, target, secret: secret).status == 403)
        }
        #expect(api.store.statistics.entryCount == 1)
    }

    @Test func `Other methods return 405 with the allowed ones`() async throws {
        let api = Administered()
        let fields: HTTPFields = [.authorization: "bearer  \(Self.secret)"]
        let reply = try await api.handler(.testing(.delete, "/cache-administration/statistics", fields: fields))
        #expect(reply.status == .methodNotAllowed)
        #expect(reply.headerFields[.allow] == "GET, HEAD")
    }

    @Test func `A check that throws refuses access`() async throws {
        struct Failure: Error {}
        let api = Administered(AccessCheck { _ in throw Failure() })
        #expect(try await api.ask(.get, "/statistics").status == 403)
    }

    @Test(arguments: [("", 0), ("fifteen letters", 15)])
    func `A short secret is an error`(secret: String, count: Int) {
        let error = #expect(throws: AccessCheckError.self) { _ = try AccessCheck.bearer(secret) }
        #expect(
            error?.description
                == "the secret of the cache administration has \(count) bytes; at least 16 are required")
    }

    @Test func `Other paths are forwarded`() async throws {
        let api = Administered()
        for path in ["/", "/cache-administrations", "/cities/cache-administration"] {
            #expect(try await api.handler(.testing(.get, path)).text() == "response of \(path)")
        }
    }

    @Test func `Statistics contain the figures of the store`() async throws {
        let api = Administered()
        for _ in 0..<3 { _ = try await api.handler(.testing()) }
        let (status, text) = try await api.ask(.get, "/statistics")
        #expect(status == 200)
        #expect(text.contains(#""entries": 1"#) && text.contains(#""hits": 2"#))
    }

    @Test func `An entry is shown without its body`() async throws {
        let api = Administered()
        _ = try await api.handler(.testing(.get, "/cities?page=2"))
        let key = try await KeyConstructor.safeDefault.key(for: .testing(.get, "/cities?page=2"))
        api.time.advance(by: .seconds(7))
        let entry = try await api.ask(.get, "/entries/\(key)")
        #expect(entry.status == 200)
        #expect(entry.text.contains(#""age": 7"#) && entry.text.contains(#""tags": ["all"]"#))
        #expect(!entry.text.contains("response of"), "bodies may be personal")
        #expect(try await api.ask(.get, "/entries/\(CacheKey(digestOf: "x"))").status == 404)
    }

    @Test(arguments: ["tag=all", "url=/a", "prefix=/", "everything=true"])
    func `Entries are purged`(query: String) async throws {
        for mode in ["hard", "soft"] {
            let api = Administered()
            _ = try await api.handler(.testing(.get, "/a"))
            let (status, text) = try await api.ask(.post, "/purges?\(query)&mode=\(mode)")
            #expect(status == 200)
            #expect(text.contains(#""entries": 1"#) && text.contains(#""mode": "\#(mode)""#))
            #expect(
                CacheResponseMiddlewareTests.status(try await api.handler(.testing(.get, "/a")))?.contains("stored")
                    == true)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/purges?tag=a", 405, "POST"), (.post, "/statistics", 405, "GET"),
        (.post, "/purges", 400, "needs key, tag"), (.post, "/purges?tag=a&url=/b", 400, "not tag and url"),
        (.get, "/statistics?a=b", 400, "unknown parameter 'a'"),
        (.get, "/entries/x?tag=a", 400, "unknown parameter 'tag'"),
        (.get, "/keys/tests.View?targt=/", 400, "unknown parameter 'targt'"),
        (.get, "/keys/tests.View?user=a&user=b", 400, "user: more than one value"),
        (.post, "/purges?tag=a&mode=gentle", 400, "mode: 'gentle'"), (.post, "/purges?key=12", 400, "key:"),
        (.post, "/purges?tag=a&cache=x", 400, "cache: unknown store 'x'"), (.get, "/entries/zz", 400, "32"),
        (.get, "/keys/other", 404, "known routes are"), (.get, "/keys/tests.View?header=a%20b:c", 400, "header:"),
        (.get, "/keys/tests.View?target=a", 400, "target: 'a' does not begin"), (.get, "/", 404, "statistics"),
        (.get, "/routes?a=b", 400, "unknown parameter 'a'"), (.post, "/routes", 405, "GET"),
    ])
    func `Errors contain the name of the invalid part`(
        method: HTTPRequest.Method, target: String, status: Int, detail: String
    ) async throws {
        let api = Administered()
        _ = try await api.handler(.testing())
        let response = try await api.ask(method, target)
        #expect(response.status == status)
        #expect(response.text.contains(detail), "\(response.text)")
    }

    @Test(arguments: [
        ("prefix=", "prefix: the value is empty"), ("prefix", "prefix: the value is empty"),
        ("tag=", "tag: the value is empty"), ("tag=all&tag=", "tag: the value is empty"),
        ("url=", "url: the value is empty"), ("key=", "key: the value is empty"),
        ("everything=", "everything: the value is empty"), ("everything=1", "everything: the value is 'true'"),
        ("everything=true&everything=true", "everything: more than one value"),
        ("everything=true&tag=all", "not tag and everything"), ("prefix=a", "prefix: 'a' does not begin with a slash"),
        ("url=https://example.test/a", "does not begin with a slash"),
        ("tag=all&mode=soft&mode=hard", "mode: more than one value"), ("tag=all&mode=", "mode: ''"),
        ("tag=all&cache=default&cache=default", "cache: more than one value"),
        ("tags=all", "unknown parameter 'tags'"), ("tag=all&Mode=soft", "unknown parameter 'Mode'"),
        ("tag=all&=", "unknown parameter ''"), ("tag=all&" + String(repeating: "tag=a&", count: 100), "at most 100"),
    ])
    func `An ambiguous purge purges nothing`(query: String, detail: String) async throws {
        let api = Administered()
        _ = try await api.handler(.testing(.get, "/a"))
        let response = try await api.ask(.post, "/purges?\(query)")
        #expect(response.status == 400)
        #expect(response.text.contains(detail), "\(response.text)")
        #expect(api.store.statistics.entryCount == 1)
    }

    @Test func `Every value of a parameter is purged and counted`() async throws {
        let api = Administered()
        for path in ["/a", "/b", "/c"] { _ = try await api.handler(.testing(.get, path)) }
        let response = try await api.ask(.post, "/purges?url=/a&url=/b&url=/x")
        #expect(
            response.text == #"{"mode": "hard", "purged": ["#
                + #"{"entries": 1, "selection": "URL /a"}, {"entries": 1, "selection": "URL /b"}, "#
                + #"{"entries": 0, "selection": "URL /x"}]}"# + "\n")
        #expect(api.store.statistics.entryCount == 1)
        let many = (0..<100).map { "tag=\($0)" }.joined(separator: "&")
        #expect(try await api.ask(.post, "/purges?\(many)").status == 200)
    }

    @Test func `A failing store is reported with the completed purges`() async throws {
        let access = try AccessCheck.bearer(Self.secret)
        let stores = CacheStores(default: FailingStore())
        let handler = Pipeline { CacheAdministration(of: stores, runtime: .testing(), allowing: access) }.wrap { _ in
            .testing("")
        }
        let fields: HTTPFields = [.authorization: "Bearer \(Self.secret)"]
        let reply = try await handler(.testing(.post, "/cache-administration/purges?tag=a&tag=b", fields: fields))
        #expect(reply.status == .badGateway)
        #expect(try await reply.text().contains("tag a: the store failed after 0 of 2 purges"))
    }

    static let site = HTTPField.Name("Sec-Fetch-Site")!

    @Test(
        arguments: [
            ([:], 200), ([.origin: "https://example.test"], 200), ([.origin: "http://EXAMPLE.test:80"], 200),
            ([.origin: "https://example.test:443"], 200), ([site: "same-origin"], 200), ([site: "none"], 200),
            // Behind a proxy that changes the host; the browser has compared the origins itself.
            ([site: "same-origin", .origin: "https://public.test"], 200),
            ([.origin: "https://example.test:444"], 403), ([.origin: "https://evil.test"], 403),
            ([.origin: "https://example.test.evil.test"], 403), ([.origin: "null"], 403), ([.origin: ""], 403),
            ([.origin: "example.test"], 403), ([site: "cross-site"], 403), ([site: "same-site"], 403),
            ([site: ""], 403),
            ([site: "cross-site", .origin: "https://example.test"], 403), ([site: "Same-Origin"], 403),
        ] as [(HTTPFields, Int)])
    func `A browser purges only from its own origin`(fields: HTTPFields, status: Int) async throws {
        let api = Administered(AccessCheck { $0.request.headerFields[.cookie] == "session=1" })
        _ = try await api.handler(.testing(.get, "/a"))
        let response = try await api.ask(
            .post, "/purges?everything=true", secret: nil, fields: [.cookie: "session=1"] + fields)
        #expect(response.status == status)
        #expect(api.store.statistics.entryCount == (status == 200 ? 0 : 1))
        // Reading changes nothing, so any page may link to it.
        let read = try await api.ask(.get, "/statistics", secret: nil, fields: [.cookie: "session=1"] + fields)
        #expect(read.status == 200)
    }

    @Test func `No GET or HEAD purges`() async throws {
        let api = Administered()
        _ = try await api.handler(.testing(.get, "/a"))
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await api.ask(method, "/purges?everything=true").status == 405)
        }
        #expect(api.store.statistics.entryCount == 1)
    }
}

extension HTTPFields {
    fileprivate static func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
        var fields = left
        fields.append(contentsOf: right)
        return fields
    }
}
