public import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A middleware that shows the activity and contents of caches, explains keys, and purges entries, over HTTP.
///
/// Put it in a separate pipeline around the whole application, so that neither the routes nor the application's authentication
/// handle its requests first. It knows the caches that have the same ``CacheRuntime``:
///
/// ```swift
/// let runtime = CacheRuntime()
/// let stack = Pipeline { CacheResponseMiddleware(.minutes(15), in: store, runtime: runtime) }
/// let access = try AccessCheck.bearer(secret)
/// let administration = Pipeline {
///     CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
/// }
/// let app = Application(responder: administration.wrap(router.buildResponder()))
/// ```
///
/// | request | response |
/// |---|---|
/// | `GET /cache-administration/statistics` | the requests and hit ratio of each cache and route, and the figures of each store |
/// | `GET /cache-administration/routes` | the routes that had a request since the start |
/// | `GET /cache-administration/keys/ROUTE?target=/books/3&user=7` | the keys of a request to a route, the JSON texts that are digested, and the entries |
/// | `GET /cache-administration/entries/KEY` | the entry under a key, without its body |
/// | `POST /cache-administration/purges?tag=books&mode=soft` | the number of purged entries for each selection |
///
/// `ROUTE` is the name of a route in `routes`, percent-encoded: `%2Fbooks%2F%7Bid%7D` for a route that is named after its template.
/// The key is the one that a GET of `target` has, with the route and the path parameters as the router makes them, the users of
/// ``Sharing/perUser``, and the build ID of settings. `user`, `language`, `format`, `scheme`, `host` (as in the request to the
/// administration by default) and `header=Name:value` describe the rest of the request. For a route without a template,
/// `parameter=name:value` describes path parameters. The last two may be repeated. `bypass` is the reason why such a request would
/// not use the cache. Attributes that other middleware sets cannot be described, except for those of resources.
///
/// `cache=NAME` selects a store other than `default` for entries and purges. A purge has one of `key`, `tag`, `url` and `prefix`
/// with up to 100 values (`tag=a&tag=b`), each of which is purged, or `everything=true`. Requests with empty values, repeated
/// parameters or unknown parameters are rejected with 400 and purge nothing.
///
/// The administration requires an ``AccessCheck``. It responds with 403 to a request that the check does not allow, whatever its
/// path and method. It also rejects a POST that a browser sends for another origin: one whose `Sec-Fetch-Site` is neither
/// `same-origin` nor `none`, or, without that field, whose `Origin` is not the request's host. A proxy in front has to pass the
/// host on. GET and HEAD change nothing. Requests for other paths are forwarded to the wrapped pipeline. Its responses are never
/// stored.
public struct CacheAdministration: Middleware {
    let stores: CacheStores
    let runtime: CacheRuntime
    private let path: String
    private let access: AccessCheck

    /// Creates the administration.
    ///
    /// - Parameters:
    ///   - stores: The stores to administer.
    ///   - runtime: The runtime of the caches, for their activity and the clock.
    ///   - path: The path below which the administration handles requests. Below an empty path it handles every request.
    ///   - access: Decides which requests are allowed.
    public init(
        of stores: CacheStores,
        runtime: CacheRuntime,
        at path: String = "/cache-administration",
        allowing access: AccessCheck
    ) {
        self.stores = stores
        self.runtime = runtime
        self.path = "/" + path.split(separator: "/").joined(separator: "/")
        self.access = access
    }

    /// Handles requests below the path.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: Handles requests for other paths.
    /// - Returns: The response. The body of an error response is that of `ProblemDetails`.
    /// - Throws: Any error that `next` throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard let segments = segments(of: exchange) else { return try await next(exchange) }
        var reply: Reply
        do {
            guard try await access.allows(exchange) else { throw AdministrationProblem(.forbidden, "not allowed") }
            switch exchange.request.method {
            case .get, .head: break
            default:
                guard !RequestOrigin.isForeign(exchange.request) else {
                    throw AdministrationProblem(.forbidden, "a browser sent the request for another origin")
                }
            }
            let value = try await content(segments, exchange)
            reply = Reply(
                status: .ok, headerFields: [.contentType: "application/json"],
                body: ReplyBody(ByteBuffer(string: KeyWriter.text { $0.write(value) } + "\n")))
        } catch let problem as AdministrationProblem {
            reply = problem.details.reply(to: exchange.request)
        } catch {
            reply = AdministrationProblem(.forbidden, "not allowed").details.reply(to: exchange.request)
        }
        reply.headerFields[.cacheControl] = "no-store"
        if exchange.request.method == .head { reply.body = .empty }
        return reply
    }

    /// Returns the segments of the path below the administration's, or nil for another path.
    private func segments(of exchange: Exchange) -> [String]? {
        let target = exchange.request.path ?? ""
        let slash = UInt8(ascii: "/")
        let segments = target.targetPath.utf8.split(separator: slash).map { Substring($0).percentDecoded }
        let own = path.utf8.split(separator: slash).map { Substring($0) }
        guard segments.starts(with: own, by: { $0.hasBytes(of: $1) }) else { return nil }
        return Array(segments.dropFirst(own.count))
    }

    private func content(_ segments: [String], _ exchange: Exchange) async throws -> KeyValue {
        let query = exchange.queryParameters
        switch (segments.first, segments.count) {
        case ("statistics", 1):
            try require(exchange, [.get, .head])
            try query.require([])
            return try await statistics()
        case ("entries", 2):
            try require(exchange, [.get, .head])
            try query.require(["cache"])
            guard let key = CacheKey(segments[1]) else {
                throw AdministrationProblem(.badRequest, "invalid key; expected 32 hexadecimal digits")
            }
            return try await entry(under: key, query)
        case ("routes", 1):
            try require(exchange, [.get, .head])
            try query.require([])
            return routes()
        case ("keys", 2):
            try require(exchange, [.get, .head])
            try query.require(
                ["target", "scheme", "host", "user", "language", "format"], repeatable: ["header", "parameter"])
            return try await KeyExplanation(of: segments[1], query, askedBy: exchange, in: runtime.activity)
                .value { try await description(of: $0, in: $1) }
        case ("purges", 1):
            try require(exchange, [.post])
            try query.require(["cache", "mode", "everything"], repeatable: ["key", "tag", "url", "prefix"])
            return try await purge(query)
        default:
            throw AdministrationProblem(
                .notFound, "unknown path; expected statistics, routes, keys/ROUTE, entries/KEY or purges")
        }
    }

    private func require(_ exchange: Exchange, _ methods: [HTTPRequest.Method]) throws(AdministrationProblem) {
        guard methods.contains(exchange.request.method) else {
            let allowed = methods.map(\.rawValue).joined(separator: " or ")
            throw AdministrationProblem(.methodNotAllowed, "invalid method; expected \(allowed)", allowed: methods)
        }
    }

    /// Returns the store that a request names.
    func store(_ query: QueryParameters) throws(AdministrationProblem) -> any CacheStore {
        let name = query["cache"] ?? "default"
        guard let store = stores[name] else {
            throw AdministrationProblem(.badRequest, "cache: unknown store '\(name)'; known stores are \(stores.names)")
        }
        return store
    }
}

/// The reason why a request to the administration of a cache failed.
struct AdministrationProblem: Error {
    let details: ProblemDetails

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - status: The status of the response.
    ///   - detail: What is wrong.
    ///   - allowed: The methods that the resource supports, if it does not support the request's.
    init(_ status: HTTPResponse.Status, _ detail: String, allowed: [HTTPRequest.Method] = []) {
        let fields: HTTPFields = allowed.isEmpty ? [:] : [.allow: allowed.map(\.rawValue).joined(separator: ", ")]
        details = ProblemDetails(status, detail, headerFields: fields)
    }
}
