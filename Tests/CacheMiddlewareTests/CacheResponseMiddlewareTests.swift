import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct CacheResponseMiddlewareTests {
    static let cacheStatus = HTTPField.Name("Cache-Status")!

    static func status(_ reply: Reply) -> String? { reply.headerFields[cacheStatus] }

    /// The detail of an explained Cache-Status.
    static func detail(_ reply: Reply) -> String? {
        status(reply)?.split(separator: "; detail=").dropFirst().last.map { String($0) }
    }

    /// A handler behind a cache, and how often it ran.
    struct Cached {
        let counter = HandlerCounter()
        let time = ManualTimeSource()
        let handler: Handler

        init(
            timeout: CacheLifetime = .minutes(15),
            key: KeyConstructor = .safeDefault,
            store: (any CacheStore)? = nil,
            cacheErrors: Bool = false,
            sharing: Sharing = .guarded,
            maximumBodySize: Int = 1_000_000,
            explained: Bool = false,
            _ respond: @escaping @Sendable (Int, Exchange) async throws -> Reply = { run, _ in .testing("run \(run)") }
        ) {
            let counter = counter
            let time = time
            var settings = CacheSettings.standard
            settings.maximumBodySize = maximumBodySize
            settings.explainsStatus = explained
            let store = store ?? MemoryStore(byteLimit: 16 << 20, timeSource: time)
            handler = Pipeline {
                CacheResponseMiddleware(timeout, key: key, in: store, runtime: .testing(time)) {
                    $0 = settings
                    $0.cachesErrors = cacheErrors
                    $0.sharing = sharing
                }
            }.wrap { try await respond(counter.increment(), $0) }
        }

        func callAsFunction(_ exchange: Exchange) async throws -> Reply { try await handler(exchange) }
    }

    @Test func `The second request is a hit and runs no handler`() async throws {
        let cached = Cached { run, _ in
            .testing("run \(run)", status: .init(code: 203, reasonPhrase: "X"), fields: [.contentType: "text/plain"])
        }
        let miss = try await cached(.testing())
        let hit = try await cached(.testing())
        #expect(Self.status(miss) == "ResponseCache; fwd=uri-miss; stored")
        #expect(Self.status(hit) == "ResponseCache; hit")
        #expect(try await hit.text() == "run 1")
        #expect(hit.status == miss.status)
        #expect(hit.headerFields[.contentType] == "text/plain")
        #expect(cached.counter.count == 1)
    }

    @Test func `A hit copies no body`() async throws {
        let cached = Cached()
        _ = try await cached(.testing())
        var addresses: Set<Int> = []
        for _ in 0..<3 {
            guard case .buffer(let buffer) = try await cached(.testing()).body.content else { continue }
            addresses.insert(buffer.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) })
        }
        #expect(addresses.count == 1)
    }

    @Test(arguments: [
        (CacheLifetime.seconds(60), 59, true), (.seconds(60), 60, false), (.forever, 1_000_000, true),
        (nil, 99999, true),
        (.doNotStore, 0, false), (.seconds(-5), 0, false), (.hours(1), 3599, true),
    ])
    func `A response is used until its lifetime ends`(timeout: CacheLifetime, later: Int, isHit: Bool) async throws {
        let cached = Cached(timeout: timeout)
        _ = try await cached(.testing())
        cached.time.advance(by: .seconds(later))
        _ = try await cached(.testing())
        #expect((cached.counter.count == 1) == isHit)
    }

    @Test func `HEAD uses the entry of GET and stores nothing`() async throws {
        let cached = Cached { _, _ in .testing("hello") }
        let head = try await cached(.testing(.head))
        #expect(Self.status(head) == "ResponseCache; fwd=uri-miss")
        _ = try await cached(.testing(.get))
        let hit = try await cached(.testing(.head))
        #expect(Self.status(hit) == "ResponseCache; hit")
        #expect(hit.headerFields[.contentLength] == "5")
        #expect(hit.body.contentLength == 0)
        #expect(cached.counter.count == 2)
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete, .options])
    func `Other methods bypass the cache`(method: HTTPRequest.Method) async throws {
        let cached = Cached()
        _ = try await cached(.testing())
        let reply = try await cached(.testing(method))
        #expect(Self.status(reply) == "ResponseCache; fwd=method")
        #expect(try await reply.text() == "run 2")
    }

    @Test(arguments: [
        (HTTPResponse.Status.noContent, false, true), (.movedPermanently, false, true), (.notFound, false, false),
        (.notFound, true, true), (.internalServerError, true, true), (.internalServerError, false, false),
        (.partialContent, true, false), (.notModified, true, false), (.preconditionFailed, true, false),
        (.rangeNotSatisfiable, true, false),
    ])
    func `Errors are stored only on request, partial responses never`(
        status: HTTPResponse.Status, cacheErrors: Bool, isStored: Bool
    ) async throws {
        let cached = Cached(cacheErrors: cacheErrors) { _, _ in Reply(status: status) }
        _ = try await cached(.testing())
        _ = try await cached(.testing())
        #expect((cached.counter.count == 1) == isStored)
    }

    @Test(
        arguments: [
            ([.setCookie: "a=b"], "set-cookie"), ([.cacheControl: "max-age=5, Private"], "private"),
            ([.cacheControl: "no-store"], "no-store"), ([.cacheControl: "no-cache=\"a, b\""], "no-cache"),
            ([.vary: "*"], "vary"), ([.vary: "Accept-Encoding"], "vary"), ([.vary: "Accept, Origin"], "vary"),
            ([.cacheControl: "x=\"private, no-store\""], nil), ([.vary: "accept , ACCEPT-LANGUAGE"], nil),
        ] as [(HTTPFields, String?)])
    func `A private response is not stored`(fields: HTTPFields, detail: String?) async throws {
        var exchange = Exchange.testing()
        exchange.format = "json"
        exchange.language = "en"
        let cached = Cached(explained: true) { _, _ in .testing("secret", fields: fields) }
        let reply = try await cached(exchange)
        #expect(Self.detail(reply) == detail)
        #expect(Self.status(reply)?.contains("; stored") == (detail == nil))
        #expect(reply.headerFields[.setCookie] == fields[.setCookie])
        _ = try await cached(exchange)
        #expect((cached.counter.count == 1) == (detail == nil))
    }

    @Test func `A language that was not negotiated does not separate`() async throws {
        let cached = Cached(explained: true) { _, _ in .testing("hallo", fields: [.vary: "Accept-Language"]) }
        #expect(Self.detail(try await cached(.testing())) == "vary")
    }

    @Test(arguments: [HTTPField.Name.authorization, .cookie])
    func `Credentials bypass the cache unless the key separates them`(name: HTTPField.Name) async throws {
        let fields: HTTPFields = [name: "secret"]
        let bypass = "ResponseCache; fwd=bypass"
        let cached = Cached()
        _ = try await cached(.testing())
        #expect(Self.status(try await cached(.testing(fields: fields))) == bypass, "the user is not named")

        var named = Exchange.testing(fields: fields)
        named.userID = "1"
        #expect(Self.status(try await cached(named)) == "ResponseCache; fwd=uri-miss; stored")
        #expect(Self.status(try await cached(named)) == "ResponseCache; hit")

        let unseparated = Cached(key: .default)
        #expect(Self.status(try await unseparated(named)) == bypass, "the key has no user")

        let byHeader = Cached(key: ["credentials": .headers(["Authorization", "Cookie"])])
        #expect(Self.status(try await byHeader(.testing(fields: fields)))?.hasSuffix("stored") == true)
    }

    @Test func `Two users never see each other's response`() async throws {
        let cached = Cached { _, exchange in .testing("for \(exchange.userID ?? "no user")") }
        for _ in 0..<2 {
            for user in ["1", "2", nil] {
                var exchange = Exchange.testing(fields: user == nil ? [:] : [.authorization: "Bearer \(user!)"])
                exchange.userID = user
                #expect(try await cached(exchange).text() == "for \(user ?? "no user")")
            }
        }
        #expect(cached.counter.count == 3)
    }

    @Test func `A route may declare its responses public`() async throws {
        let cached = Cached(sharing: .public) { _, _ in
            .testing("public", fields: [.setCookie: "a=b", .cacheControl: "private"])
        }
        let exchange = Exchange.testing(fields: [.authorization: "x"])
        let miss = try await cached(exchange)
        #expect(miss.headerFields[.setCookie] == "a=b")
        let hit = try await cached(exchange)
        #expect(Self.status(hit) == "ResponseCache; hit")
        #expect(hit.headerFields[.setCookie] == nil, "no client gets another client's cookie")
    }

    @Test func `Hop-by-hop fields are not stored`() async throws {
        let own = HTTPField.Name("X-Connection-Own")!
        let cached = Cached { _, _ in
            .testing("a", fields: [.connection: "close, X-Connection-Own", own: "1", .upgrade: "h2c", .server: "s"])
        }
        _ = try await cached(.testing())
        let hit = try await cached(.testing())
        #expect(Set(hit.headerFields.map(\.name)) == [.server, .age, .contentLength, Self.cacheStatus])
    }

    @Test func `A hit has its Age, including the received one`() async throws {
        for (initial, expected) in [(nil, "75"), ("30", "105"), ("soon", "75")] {
            let cached = Cached { _, _ in
                var reply = Reply.testing("a")
                reply.headerFields[.age] = initial
                return reply
            }
            #expect(try await cached(.testing()).headerFields[.age] == initial)
            cached.time.advance(by: .milliseconds(75_900))
            #expect(try await cached(.testing()).headerFields[.age] == expected)
        }
    }

    @Test func `A body bypasses the cache unless the key contains it`() async throws {
        let bypass = "ResponseCache; fwd=bypass"
        let cached = Cached()
        _ = try await cached(.testing())
        let withBody = Exchange.testing(body: ByteBuffer(string: "a=1"))
        #expect(Self.status(try await cached(withBody)) == bypass)
        #expect(Self.status(try await cached(.testing(fields: [.contentLength: "3"]))) == bypass)
        #expect(Self.status(try await cached(.testing(fields: [.transferEncoding: "chunked"]))) == bypass)
        #expect(Self.status(try await cached(.testing(fields: [.contentLength: "0"]))) == "ResponseCache; hit")
        let digesting = Cached(key: KeyConstructor.safeDefault.adding(["body": .bodyDigest(upTo: 100)]))
        #expect(Self.status(try await digesting(withBody))?.hasSuffix("stored") == true)
        #expect(Self.status(try await digesting(withBody)) == "ResponseCache; hit")
    }

    @Test func `A named user has to be in the key`() async throws {
        // However the application named the user.
        var named = Exchange.testing()
        named.userID = "5"
        let bypass = "ResponseCache; fwd=bypass"
        #expect(Self.status(try await Cached(key: .default)(named)) == bypass)
        #expect(Self.status(try await Cached()(named))?.hasSuffix("stored") == true)
        named.userID = "anonymous"
        #expect(Self.status(try await Cached()(named)) == bypass, "this name equals the key of anonymous users")
    }

    @Test func `A key that contains the field needs no negotiation`() async throws {
        let cached = Cached(key: ["l": .headers(["Accept-Language"])]) { _, _ in
            .testing("a", fields: [.vary: "Accept-Language"])
        }
        #expect(Self.status(try await cached(.testing()))?.hasSuffix("stored") == true)
        let all = Cached(key: ["h": .headers("*")], explained: true) { _, _ in .testing("a", fields: [.vary: "Range"]) }
        #expect(Self.detail(try await all(.testing())) == "vary", "all headers but some")
    }

    @Test func `Middleware that names the user changes a memoized key`() async throws {
        // Between two uses of the key.
        struct Naming: Middleware {
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                var exchange = exchange
                exchange.userID = exchange.request.headerFields[.from]
                return try await next(exchange)
            }
        }
        let key = KeyConstructor.safeDefault.memoizedForRequest()
        let handler = Pipeline {
            ETagMiddleware(key: key)
            Naming()
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { .testing("for \($0.userID ?? "no user")") }
        for user in ["alice", "bob"] {
            #expect(try await handler(.testing(fields: [.from: user])).text() == "for \(user)")
        }
    }

    @Test func `An entry that the store rejects is not reported stored`() async throws {
        let cached = Cached(store: MemoryStore(byteLimit: 10_000), explained: true) { _, _ in
            Reply(status: .ok, body: ReplyBody(ByteBuffer(repeating: 1, count: 20_000)))
        }
        #expect(Self.detail(try await cached(.testing())) == "store")
    }

    @Test func `A handler that throws stores nothing`() async throws {
        struct Failure: Error {}
        let store = RecordingStore()
        let cached = Cached(store: store, cacheErrors: true) { _, _ in throw Failure() }
        await #expect(throws: Failure.self) { try await cached(.testing()) }
        #expect(store.entries.isEmpty)
    }

    @Test func `A failing store is a miss`() async throws {
        let cached = Cached(store: FailingStore(), explained: true)
        for run in 1...2 {
            let reply = try await cached(.testing())
            #expect(try await reply.text() == "run \(run)")
            #expect(Self.detail(reply) == "store")
        }
    }

    @Test func `A key that fails bypasses the cache`() async throws {
        struct Failing: AsyncKeyBit {
            func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws { throw CancellationError() }
        }
        let cached = Cached(key: ["x": .custom(Failing())], explained: true)
        #expect(Self.status(try await cached(.testing())) == "ResponseCache; fwd=bypass; detail=key")
    }

    @Test(arguments: [true, false])
    func `Entity tag and cache share one evaluation of the key`(hasMethod: Bool) async throws {
        // Each bit is evaluated once per request.
        struct Counting: KeyBit {
            let counter: HandlerCounter
            func write(_ exchange: Exchange, to writer: inout KeyWriter) {
                counter.increment()
                writer.write("constant")
            }
        }
        let counter = HandlerCounter()
        let method: KeyConstructor = ["unique_method_id": hasMethod ? .uniqueMethodID : .uniqueViewID]
        let key = KeyConstructor.safeDefault.adding(method).adding(["n": .custom(Counting(counter: counter))])
            .memoizedForRequest()
        let store = RecordingStore()
        let handler = Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: store)
        }.wrap { _ in .testing("a") }
        let miss = try await handler(.testing())
        #expect(counter.count == 1)
        let hit = try await handler(.testing())
        #expect(counter.count == 2)
        #expect(Self.status(hit) == "ResponseCache; hit")
        let tag = try #require(miss.headerFields[.eTag])
        #expect(hit.headerFields[.eTag] == tag)
        // A tag leaves the method out, so that it serves updates too.
        #expect((store.entries.keys.map { "\"\($0)\"" } == [tag]) == !hasMethod)
        let viewKey = try await key.adding(["unique_method_id": .uniqueViewID]).key(for: .testing())
        #expect(tag == "\"\(viewKey)\"")
    }

    @Test func `Caches have their own names`() async throws {
        let stores = CacheStores(default: RecordingStore(), ["special": RecordingStore()])
        #expect(stores.names == ["default", "special"])
        let handler = try Pipeline {
            CacheResponseMiddleware(.forever, in: try stores.store(named: "special"))
        }.wrap { _ in .testing("a") }
        _ = try await handler(.testing())
        #expect((stores["default"] as? RecordingStore)?.entries.count == 0)
        #expect((stores["special"] as? RecordingStore)?.entries.count == 1)
    }

    @Test func `An unknown store is an error listing the known ones`() async {
        let stores = CacheStores(default: RecordingStore(), ["special": RecordingStore()])
        let error = #expect(throws: UnknownStore.self) { try stores.store(named: "speciall") }
        #expect(error?.description == "unknown store 'speciall'; expected one of: default, special")
    }
}
