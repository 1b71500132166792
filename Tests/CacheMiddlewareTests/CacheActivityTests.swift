import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@testable import CacheMiddleware

@Suite struct CacheActivityTests {
    /// Caches with one runtime, and their administration.
    struct Service {
        let runtime = CacheRuntime.testing()
        let administration: Handler

        init(_ store: any CacheStore = RecordingStore()) throws {
            let access = AccessCheck { _ in true }
            let (stores, runtime) = (CacheStores(default: store), runtime)
            administration = Pipeline { CacheAdministration(of: stores, runtime: runtime, allowing: access) }
                .wrap { _ in .testing("") }
        }

        func cached(
            _ name: String = "edge", in store: any CacheStore = RecordingStore(),
            key: KeyConstructor? = nil, sharing: Sharing = .guarded,
            _ handler: @escaping Handler = { _ in .testing("") }
        ) -> Handler {
            Pipeline([
                CacheResponseMiddleware(.minutes(1), key: key, in: store, runtime: runtime) {
                    $0.name = name
                    $0.sharing = sharing
                }
            ]).wrap(handler)
        }

        func ask(_ target: String) async throws -> (status: Int, text: String) {
            let reply = try await administration(.testing(.get, "/cache-administration" + target))
            return (reply.status.code, try await reply.text())
        }
    }

    static func exchange(_ view: String, _ target: String, template: String? = nil) -> Exchange {
        var exchange = Exchange.testing(.get, target, view: view)
        exchange.route.template = template
        if let template {
            exchange.pathParameters = PathTemplate(template).parameters(of: target.targetPath) ?? PathParameters()
        }
        return exchange
    }

    @Test func `Positions of outcomes are those of all cases`() {
        #expect(CacheObserver.Outcome.allCases.map(\.position) == Array(0..<CacheObserver.Outcome.count))
    }

    @Test func `Outcomes are counted for each cache and route`() async throws {
        let service = try Service()
        let (edge, inner) = (service.cached(), service.cached("inner"))
        for _ in 0..<4 { _ = try await edge(Self.exchange("City", "/cities/1", template: "/cities/{id}")) }
        _ = try await edge(Self.exchange("City", "/cities/2", template: "/cities/{id}"))
        _ = try await edge(.testing(.put, "/cities/2", view: "City"))
        _ = try await edge(.testing(.get, "/a", fields: [.authorization: "x"], view: "Page"))
        _ = try await inner(Self.exchange("City", "/cities/1", template: "/cities/{id}"))
        let routes = service.runtime.activity.routes
        #expect(
            routes.map { "\($0.cache) \($0.name) \($0.route?.method ?? "-") \($0.requestCount)" } == [
                "edge City get 5", "edge City put 1", "edge Page get 1", "inner City get 1",
            ])
        #expect(routes[0].outcomes.filter { $0.value > 0 } == ["hit": 3, "miss": 2])
        #expect(routes.map(\.hitRatio) == [0.6, nil, 0, 0])
        #expect(routes[0].route?.template == "/cities/{id}")
        let text = try await service.ask("/statistics").text
        let outcomes =
            #""outcomes": {"bypass": 1, "collapsed": 0, "hit": 3, "method": 1, "miss": 2, "request": 0, "stale": 0}"#
        #expect(text.contains(#""edge": {"hit_ratio": 0.5, \#(outcomes), "requests": 7}"#), "\(text)")
        #expect(text.contains(#"{"cache": "edge", "hit_ratio": 0.6, "method": "get", "outcomes": "#), "\(text)")
        #expect(text.contains(#""requests": 5, "route": "City", "template": "/cities/{id}"}"#), "\(text)")
    }

    @Test func `An external store needs no statistics`() async throws {
        let store = RecordingStore()
        let service = try Service(store)
        let handler = service.cached(in: store)
        for _ in 0..<4 { _ = try await handler(.testing()) }
        let text = try await service.ask("/statistics").text
        #expect(text.contains(#""hit_ratio": 0.75"#) && text.contains(#""stores": {}"#), "\(text)")
    }

    @Test func `Caches with one name are counted together`() async throws {
        let service = try Service()
        let handlers = [service.cached(), service.cached()]
        for handler in handlers { _ = try await handler(.testing()) }
        #expect(service.runtime.activity.routes.map(\.requestCount) == [2])
        #expect(service.runtime.activity.caches.count == 2)
    }

    @Test func `A released cache is removed`() async throws {
        let service = try Service()
        do {
            let handler = service.cached()
            _ = try await handler(.testing())
            #expect(service.runtime.activity.caches.count == 1)
        }
        #expect(service.runtime.activity.caches.isEmpty)
    }

    @Test func `Unrouted requests share one row whatever their paths`() async throws {
        let service = try Service()
        let handler = service.cached()
        for number in 0..<50 {
            let request = Exchange.testing(.get, "/\(number)?a=\(number)").request
            _ = try await handler(Exchange(request: request))
        }
        #expect(service.runtime.activity.routes.map { "\($0.name) \($0.requestCount)" } == ["unrouted 50"])
    }

    @Test func `The number of counted routes is limited`() {
        let counters = RouteCounters()
        for _ in 0..<2 {
            for number in 0..<(RouteCounters.routeLimit + 100) {
                counters.count(.miss, .testing(view: "view \(number)"))
            }
        }
        let figures = counters.figures
        #expect(figures.count == RouteCounters.routeLimit + 1)
        let others = figures.first { $0.subject == .other }
        #expect(others?.counts == [0, 0, 200, 0, 0, 0, 0])
        #expect(figures.allSatisfy { $0.subject == .other || $0.counts == [0, 0, 2, 0, 0, 0, 0] })
    }

    @Test func `Routes with similar names are counted separately`() {
        let counters = RouteCounters()
        let views = ["a", "b", "\u{e9}", "e\u{301}", "e\u{300}", "\u{e8}", "aa", ""]
        for _ in 0..<3 {
            for view in views {
                for template in [nil, "/\(view)", "/"] {
                    var exchange = Exchange.testing(view: view)
                    exchange.route.template = template
                    counters.count(.hit, exchange)
                }
            }
        }
        // Two templates of the empty view are equal.
        #expect(counters.figures.count == views.count * 3 - 1)
        #expect(counters.figures.reduce(0) { $0 + $1.counts[0] } == 3 * 3 * views.count)
    }

    @Test func `Route names of any length are found`() {
        let counters = RouteCounters()
        for _ in 0..<3 {
            for number in 0..<40 {
                for view in ["v\(number)", String(repeating: "view", count: 5) + "\(number)"] {
                    var exchange = Exchange.testing(view: view)
                    exchange.route.template = "/templates/of/routes/\(number)"
                    counters.count(.hit, exchange)
                }
            }
        }
        #expect(counters.figures.map(\.counts[0]) == Array(repeating: 3, count: 80))
    }

    @Test func `Concurrent threads lose no count`() async {
        let counters = RouteCounters()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<5000 { counters.count(.hit, .testing(view: "view \((number + task) % 20)")) }
                }
            }
        }
        #expect(counters.figures.map(\.counts[0]) == Array(repeating: 2000, count: 20))
    }

    // MARK: - Keys

    static func key(in text: String) -> String? {
        text.firstMatch(of: #/"key": "([0-9a-f]{32})"/#).map { String($0.1) }
    }

    static let keys: [(KeyConstructor, Sharing, String?)] = [
        (.safeDefault, .guarded, nil), (.safeDefault, .guarded, "7"), (["path": .path], .perUser, "7"),
        (["view": .uniqueViewID, "id": .pathParameters], .guarded, nil), (.default, .public, "7"),
        (["a": .awaited { "\($0.pathParameters["id"] == .string("3"))" }, "h": .host, "s": .scheme], .guarded, nil),
    ]

    @Test(arguments: keys)
    func `A route's key is explained like the route composes it`(
        constructor: KeyConstructor, sharing: Sharing, user: String?
    ) async throws {
        let service = try Service()
        let handler = service.cached(key: constructor, sharing: sharing)
        var exchange = Self.exchange("City.object", "/cities/3?b=1", template: "/cities/{id}")
        exchange.userID = user
        _ = try await handler(exchange)
        let target = "/keys/City.object?target=/cities/3%3Fb=1" + (user.map { "&user=\($0)" } ?? "")
        let (status, text) = try await service.ask(target)
        #expect(status == 200)
        #expect(text.contains(#""body_bytes": 0"#), "the entry is found: \(text)")
        #expect(text.contains(#""bypass": null"#) && text.contains(#""cache": "edge""#))
        #expect(text.contains(#""template": "/cities/{id}""#) && text.contains(#""explanation": "{\"#))
    }

    @Test func `A closure's key is computed without an explanation`() async throws {
        let service = try Service()
        let runtime = service.runtime
        let handler = Pipeline {
            CacheResponseMiddleware(
                .minutes(1),
                key: .computed { exchange in
                    exchange.userID == nil ? CacheKey(digestOf: exchange.request.path ?? "") : nil
                }, in: RecordingStore(), runtime: runtime)
        }.wrap { _ in .testing("abc") }
        _ = try await handler(.testing(.get, "/x"))
        let text = try await service.ask("/keys/tests.View?target=/x").text
        #expect(Self.key(in: text) == "\(CacheKey(digestOf: "/x"))")
        #expect(text.contains(#""explanation": null"#) && text.contains(#""body_bytes": 3"#))
        let none = try await service.ask("/keys/tests.View?target=/x&user=a").text
        #expect(none.contains(#""key": null"#) && none.contains(#""bypass": "credentials""#), "\(none)")
    }

    @Test func `Unrouted requests are explained with their path as the route`() async throws {
        let service = try Service()
        let handler = service.cached()
        for path in ["/a", "/b"] {
            let exchange = Exchange(request: Exchange.testing(.get, path).request)
            _ = try await handler(exchange)
            let text = try await service.ask("/keys/unrouted?target=\(path)").text
            #expect(text.contains(#""status": 200"#) && text.contains(#""route": "\#(path)""#), "\(text)")
        }
        #expect(try await service.ask("/keys/unrouted?target=/c").text.contains(#""entry": null"#))
    }

    @Test func `All caches of a route explain their keys`() async throws {
        let service = try Service()
        for (name, view, template) in [
            ("edge", "City", "/cities/{id}"), ("edge", "City", "/v2/cities/{id}"), ("inner", "City", "/cities/{id}"),
            ("edge", "Town", "/cities/{id}"),
        ] {
            let handler = service.cached(name)
            let target = template.replacing("{id}", with: "3")
            _ = try await handler(Self.exchange(view, target, template: template))
            // The caches have to stay.
            await Self.kept.keep(handler)
        }
        let text = try await service.ask("/keys/City?target=/cities/3").text
        #expect(text.matches(of: #/"bypass"/#).count == 2)
        #expect(text.contains(#""cache": "edge""#) && text.contains(#""cache": "inner""#))
        #expect(try await service.ask("/keys/City?target=/v2/cities/3").text.matches(of: #/"bypass"/#).count == 1)
        let wrong = try await service.ask("/keys/City?target=/towns/3")
        #expect(wrong.status == 400 && wrong.text.contains("target: '/towns/3' is not a path of the route 'City'"))
        let missing = try await service.ask("/keys/City")
        #expect(missing.status == 400 && missing.text.contains("needs a target"))
        let unknown = try await service.ask("/keys/Village")
        #expect(unknown.status == 404)
        #expect(unknown.text.contains(#"had no GET since the start; known routes are [\"City\", \"Town\"]"#))
        let routes = try await service.ask("/routes").text
        #expect(routes.matches(of: #/"template"/#).count == 4)
    }

    private actor Kept {
        var handlers: [Handler] = []
        func keep(_ handler: @escaping Handler) { handlers.append(handler) }
    }
    private static let kept = Kept()

    @Test func `A route without path parameters needs no target`() async throws {
        let service = try Service()
        let handler = service.cached()
        _ = try await handler(Self.exchange("/cities", "/cities", template: "/cities"))
        _ = try await handler(.testing(.post, "/new", view: "Creation"))
        let text = try await service.ask("/keys/%2Fcities").text
        #expect(text.contains(#""status": 200"#) && text.contains(#""route": "/cities""#), "\(text)")
        let parameter = try await service.ask("/keys/%2Fcities?parameter=id:1")
        #expect(parameter.status == 400 && parameter.text.contains("parameter: the target has the parameters"))
        // Writes have no key.
        #expect(try await service.ask("/keys/Creation").status == 404)
    }

    @Test func `Without caches the administration reports that`() async throws {
        let service = try Service()
        let response = try await service.ask("/keys/City")
        #expect(response.status == 404 && response.text.contains("no cache has the runtime of the administration"))
        #expect(try await service.ask("/routes").text == #"{"routes": []}"# + "\n")
    }

    @Test func `A key that fails returns 502`() async throws {
        struct Failure: Error {}
        let service = try Service()
        let handler = service.cached(key: ["a": .awaited { _ -> String in throw Failure() }])
        _ = try await handler(.testing())
        let response = try await service.ask("/keys/tests.View")
        #expect(response.status == 502 && response.text.contains("edge: the key cannot be computed"))
    }
}
