public import HTTPPipeline
import HTTPTypes
public import KeyConstructor
import NIOCore

/// A middleware that shows the contents of caches, explains keys, and purges entries, over HTTP.
///
/// Put it in a separate pipeline around the whole application, so that neither the routes nor the application's authentication
/// handle its requests first:
///
/// ```swift
/// let access = try AccessCheck.bearer(secret)
/// let administration = Pipeline {
///     CacheAdministration(of: stores, keys: ["city": .city], allowing: access)
/// }
/// app = Application(responder: administration.wrap(router.buildResponder()))
/// ```
///
/// | request | response |
/// |---|---|
/// | `GET /cache-administration/statistics` | the activity and contents of each store |
/// | `GET /cache-administration/entries/KEY` | the entry under a key, without its body |
/// | `GET /cache-administration/keys/NAME?target=/cities?page=2&user=7` | the key of a request, the JSON text that is digested, and the entry |
/// | `POST /cache-administration/purges?tag=cities&mode=soft` | the number of purged entries for each selection |
///
/// `cache=NAME` selects a store other than `default`. The parameters `target`, `method`, `scheme` (`http` by default), `host`,
/// `view`, `template`, `user`, `language`, `format`, `header=Name:value` and `parameter=name:value` describe the request whose key
/// is explained; the last two may be repeated. A purge has one of `key`, `tag`, `url` and `prefix` with up to 100 values
/// (`tag=a&tag=b`), each of which is purged, or `everything=true`. Requests with empty values, repeated parameters or unknown
/// parameters are rejected with 400 and purge nothing.
///
/// The administration requires an ``AccessCheck``. It responds with 403 to a request that the check does not allow, whatever its
/// path and method. It also rejects a POST that a browser sends for another origin: one whose `Sec-Fetch-Site` is neither
/// `same-origin` nor `none`, or, without that field, whose `Origin` is not the request's host. A proxy in front has to pass the
/// host on. GET and HEAD change nothing. Requests for other paths are forwarded to the wrapped pipeline. Its responses are never
/// stored.
public struct CacheAdministration: Middleware {
    let stores: CacheStores
    let keys: [String: KeyConstructor]
    let timeSource: any TimeSource
    private let path: String
    private let access: AccessCheck

    /// Creates the administration.
    ///
    /// - Parameters:
    ///   - stores: The stores to administer.
    ///   - keys: The constructors whose keys can be explained, by name.
    ///   - path: The path below which the administration handles requests.
    ///   - timeSource: The clock for the age of entries.
    ///   - access: Decides which requests are allowed.
    public init(
        of stores: CacheStores,
        keys: [String: KeyConstructor] = [:],
        at path: String = "/cache-administration",
        timeSource: any TimeSource = SystemTimeSource(),
        allowing access: AccessCheck
    ) {
        self.stores = stores
        self.keys = keys
        self.path = "/" + path.split(separator: "/").joined(separator: "/")
        self.timeSource = timeSource
        self.access = access
    }

    /// Handles requests below the path.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: Handles requests for other paths.
    /// - Returns: The response. The body of an error response is JSON with a `detail`.
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
            reply = Reply(administration: .ok, try await answer(segments, exchange))
        } catch let problem as AdministrationProblem {
            reply = Reply(administration: problem.status, .object([.init("detail", .string(problem.detail))]))
            if !problem.allowed.isEmpty {
                reply.headerFields[.allow] = problem.allowed.map(\.rawValue).joined(separator: ", ")
            }
        } catch {
            reply = Reply(administration: .forbidden, .object([.init("detail", .string("not allowed"))]))
        }
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

    private func answer(_ segments: [String], _ exchange: Exchange) async throws -> KeyValue {
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
                throw AdministrationProblem(.badRequest, "a key has 32 hexadecimal digits")
            }
            return try await entry(under: key, query)
        case ("keys", 2):
            try require(exchange, [.get, .head])
            try query.require(
                ["cache", "target", "method", "scheme", "host", "view", "template", "user", "language", "format"],
                repeatable: ["header", "parameter"]
            )
            return try await explanation(segments[1], query)
        case ("purges", 1):
            try require(exchange, [.post])
            try query.require(["cache", "mode", "everything"], repeatable: ["key", "tag", "url", "prefix"])
            return try await purge(query)
        default:
            throw AdministrationProblem(.notFound, "there are statistics, entries/KEY, keys/NAME and purges")
        }
    }

    private func require(_ exchange: Exchange, _ methods: [HTTPRequest.Method]) throws(AdministrationProblem) {
        guard methods.contains(exchange.request.method) else {
            let allowed = methods.map(\.rawValue).joined(separator: " or ")
            throw AdministrationProblem(.methodNotAllowed, "the method is \(allowed)", allowed: methods)
        }
    }

    /// Returns the store that a request names.
    func store(_ query: QueryParameters) throws(AdministrationProblem) -> any CacheStore {
        let name = query["cache"] ?? "default"
        guard let store = stores[name] else {
            throw AdministrationProblem(.badRequest, "cache: there is no '\(name)', there are \(stores.names)")
        }
        return store
    }
}

extension Reply {
    fileprivate init(administration status: HTTPResponse.Status, _ value: KeyValue) {
        let text = KeyWriter.text { $0.write(value) } + "\n"
        self.init(
            status: status, headerFields: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ReplyBody(ByteBuffer(string: text))
        )
    }
}
