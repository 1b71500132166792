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

        init(_ access: AccessCheck = .bearer(CacheAdministrationTests.secret)) {
            let (store, time) = (MemoryStore(byteLimit: 1 << 20, timeSource: time), time)
            self.store = store
            handler = Pipeline {
                CacheAdministration(
                    of: CacheStores(default: store), keys: ["safe": .safeDefault], timeSource: time, allowing: access
                )
                CacheResponseMiddleware(
                    timeout: .minutes(1), in: store, tags: ["all"], runtime: .testing(time)
                )
            }.wrap { exchange in .testing("answer of \(exchange.request.path ?? "")") }
        }

        func ask(
            _ method: HTTPRequest.Method = .get,
            _ target: String,
            secret: String? = CacheAdministrationTests.secret
        ) async throws -> (status: Int, text: String) {
            let fields: HTTPFields = secret.map { [.authorization: "Bearer \($0)"] } ?? [:]
            let reply = try await handler(.testing(method, "/cache-administration" + target, fields: fields))
            #expect(reply.headerFields[.cacheControl] == "no-store")
            return (reply.status.code, try await reply.text())
        }
    }

    @Test(arguments: [
        nil, "", "a secret", "a secret of some lengtH", "a secret of some length, or another",
    ])
    func `Who has no access is refused, whatever is asked`(secret: String?) async throws {
        let api = Administered()
        _ = try await api.handler(.testing())
        for target in ["/statistics", "/entries/x", "/nowhere", "", "/purges?everything=true", "//statistics"] {
            #expect(try await api.ask(.post, target, secret: secret).status == 403)
        }
        #expect(api.store.statistics.entryCount == 1)
    }

    @Test func `Another method is told which there are`() async throws {
        let api = Administered()
        let fields: HTTPFields = [.authorization: "bearer  \(Self.secret)"]
        let reply = try await api.handler(.testing(.delete, "/cache-administration/statistics", fields: fields))
        #expect(reply.status == .methodNotAllowed)
        #expect(reply.headerFields[.allow] == "GET, HEAD")
    }

    @Test func `A check that throws refuses`() async throws {
        struct Failure: Error {}
        let api = Administered(AccessCheck { _ in throw Failure() })
        #expect(try await api.ask(.get, "/statistics").status == 403)
    }

    @Test func `Without a secret the administration stops the program at its start`() async {
        await #expect(processExitsWith: .failure) { _ = AccessCheck.bearer("") }
        await #expect(processExitsWith: .failure) { _ = AccessCheck.bearer("fifteen letters") }
    }

    @Test func `Other paths go on`() async throws {
        let api = Administered()
        for path in ["/", "/cache-administrations", "/cities/cache-administration"] {
            #expect(try await api.handler(.testing(.get, path)).text() == "answer of \(path)")
        }
    }

    @Test func `Statistics tell what a store has done and holds`() async throws {
        let api = Administered()
        for _ in 0..<3 { _ = try await api.handler(.testing()) }
        let (status, text) = try await api.ask(.get, "/statistics")
        #expect(status == 200)
        #expect(text.contains(#""entries": 1"#) && text.contains(#""hits": 2"#))
    }

    @Test func `A key is explained, and its entry shown`() async throws {
        let api = Administered()
        _ = try await api.handler(.testing(.get, "/cities?page=2"))
        let target = "/keys/safe?target=/cities%3Fpage%3D2&host=example.test&view=tests.View"
        let explained = try await api.ask(.get, target)
        #expect(explained.text.contains(#"\"target\": \"/cities?page=2\""#))
        #expect(try await api.ask(.get, target + "&scheme=https").text.contains(#"\"scheme\": \"https\""#))
        #expect(explained.text.contains(#""status": 200"#))
        let key = try await KeyConstructor.safeDefault.key(for: .testing(.get, "/cities?page=2"))
        #expect(explained.text.contains("\"key\": \"\(key)\""))
        api.time.advance(by: .seconds(7))
        let entry = try await api.ask(.get, "/entries/\(key)")
        #expect(entry.status == 200)
        #expect(entry.text.contains(#""age": 7"#) && entry.text.contains(#""tags": ["all"]"#))
        #expect(!entry.text.contains("answer of"), "bodies may be personal")
        #expect(try await api.ask(.get, "/entries/\(CacheKey(digestOf: "x"))").status == 404)
    }

    @Test(arguments: ["tag=all", "url=/a", "prefix=/", "everything=true"])
    func `Entries are purged`(query: String) async throws {
        for mode in ["hard", "soft"] {
            let api = Administered()
            _ = try await api.handler(.testing(.get, "/a"))
            let (status, text) = try await api.ask(.post, "/purges?\(query)&mode=\(mode)")
            #expect(status == 200)
            #expect(text.contains(#""entries": 1"#))
            #expect(
                CacheResponseMiddlewareTests.status(try await api.handler(.testing(.get, "/a")))?.contains("stored")
                    == true)
        }
    }

    @Test(arguments: ["url=", "prefix=", "prefix=%3F", "url=/b", "prefix=/b"])
    func `An empty URL or prefix purges nothing`(query: String) async throws {
        let api = Administered()
        _ = try await api.handler(.testing(.get, "/a"))
        #expect(try await api.ask(.post, "/purges?\(query)").text.contains(#""entries": 0"#))
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/purges?tag=a", 405, "POST"), (.post, "/statistics", 405, "GET"),
        (.post, "/purges", 400, "one of key"), (.post, "/purges?tag=a&url=/b", 400, "not 2"),
        (.post, "/purges?tag=a&mode=gentle", 400, "mode: 'gentle'"), (.post, "/purges?key=12", 400, "key:"),
        (.post, "/purges?tag=a&cache=x", 400, "cache: there is no 'x'"), (.get, "/entries/zz", 400, "32"),
        (.get, "/keys/other", 404, "there are"), (.get, "/keys/safe?header=a%20b:c", 400, "header:"),
        (.get, "/keys/safe?method=a%20b", 400, "method:"), (.get, "/", 404, "statistics"),
    ])
    func `What cannot be done is told, with the name of what is wrong`(
        method: HTTPRequest.Method, target: String, status: Int, detail: String
    ) async throws {
        let answer = try await Administered().ask(method, target)
        #expect(answer.status == status)
        #expect(answer.text.contains(detail), "\(answer.text)")
    }
}
