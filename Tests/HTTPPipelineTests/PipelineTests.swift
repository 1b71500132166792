import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Synchronization
import Testing

@Suite struct PipelineTests {
    /// Records its name on the way in and on the way out.
    struct Tracing: Middleware {
        let name: String
        let trace: Trace

        func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
            trace.add("\(name) in")
            let reply = try await next(exchange)
            trace.add("\(name) out")
            return reply
        }
    }

    final class Trace: Sendable {
        private let state = Mutex<[String]>([])
        var lines: [String] { state.withLock { $0 } }
        func add(_ line: String) { state.withLock { $0.append(line) } }
    }

    @Test func `Middleware runs in order, and replies return in reverse`() async throws {
        let trace = Trace()
        let inner = Pipeline { Tracing(name: "c", trace: trace) }
        let handler = Pipeline {
            Tracing(name: "a", trace: trace)
            if trace.lines.isEmpty { Tracing(name: "b", trace: trace) }
            inner
        }.wrap { _ in
            trace.add("handler")
            return .testing("done")
        }
        #expect(try await handler(.testing()).text() == "done")
        #expect(trace.lines == ["a in", "b in", "c in", "handler", "c out", "b out", "a out"])
    }

    @Test func `A changed exchange is visible only to inner middleware`() async throws {
        struct Renaming: Middleware {
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                var changed = exchange
                changed.userID = "changed"
                var reply = try await next(changed)
                reply.headerFields[.from] = exchange.userID
                return reply
            }
        }
        let handler = Pipeline { Renaming() }.wrap { .testing($0.userID ?? "none") }
        let reply = try await handler(.testing())
        #expect(try await reply.text() == "changed")
        #expect(reply.headerFields[.from] == nil)
    }

    @Test func `Only a wrapped handler may run after its request`() async throws {
        struct Probe: Middleware {
            let seen: Trace
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                guard let detached = next.detached else {
                    seen.add("scoped")
                    return try await next(exchange)
                }
                seen.add("detachable")
                return try await Task { try await detached(exchange) }.value
            }
        }
        let seen = Trace()
        let stack = Pipeline { Probe(seen: seen) }
        #expect(try await stack.wrap { _ in .testing("a") }(.testing()).text() == "a")
        #expect(try await stack.respond(to: .testing(), scoped: { _ in .testing("b") }).text() == "b")
        #expect(try await stack.respond(to: .testing(), detachable: { _ in .testing("c") }).text() == "c")
        #expect(seen.lines == ["detachable", "scoped", "detachable"])
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, true), (.head, true), (.options, true), (.trace, true), (.post, false), (.put, false),
        (.patch, false), (.delete, false), (HTTPRequest.Method("QUERY")!, true), (HTTPRequest.Method("PURGE")!, false),
    ])
    func `A handler of an unsafe method clears the memo`(method: HTTPRequest.Method, kept: Bool) async {
        struct Failure: Error {}
        final class Owner: Sendable {}
        let owner = Owner()
        let exchange = Exchange.testing(method)
        #expect(exchange.memo.value(of: owner, for: exchange) { "before" } == "before")
        _ = try? await Pipeline {}.wrap { _ in throw Failure() }(exchange)
        #expect(exchange.memo.value(of: owner, for: exchange) { "after" } == (kept ? "before" : "after"))
    }

    @Test func `Attributes are found by their key`() {
        enum Tenant: AttributeKey { typealias Value = String }
        enum Quota: AttributeKey { typealias Value = Int }
        var exchange = Exchange.testing()
        #expect(exchange[Tenant.self] == nil)
        exchange[Tenant.self] = "acme"
        exchange[Quota.self] = 5
        #expect(exchange[Tenant.self] == "acme")
        let copy = exchange
        exchange[Tenant.self] = nil
        #expect(exchange[Tenant.self] == nil)
        #expect(exchange[Quota.self] == 5)
        exchange[Quota.self] = 6
        exchange[Tenant.self] = "other"
        #expect(exchange[Quota.self] == 6)
        #expect(copy[Tenant.self] == "acme")
        #expect(copy[Quota.self] == 5)
    }

    @Test func `Without a route the path and method identify the handler`() {
        let exchange = Exchange(request: HTTPRequest(method: .head, scheme: nil, authority: nil, path: "/a/b?c=/d"))
        #expect(exchange.route == Route(view: "/a/b", method: "get"))
        #expect(exchange.route.uniqueMethodID == "/a/b.get")
    }

    @Test(arguments: [true, false])
    func `A pipeline sets the default for memoized keys`(memoizes: Bool) async throws {
        let handler = Pipeline(memoizesByDefault: memoizes) {
            CollectBodyMiddleware(upTo: 1)
            CollectBodyMiddleware(upTo: 1)
        }.wrap { .testing("\($0.memoizesByDefault)") }
        #expect(try await handler(.testing()).text() == "\(memoizes)")
    }
}
