import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// The keys that the caches of a route make for a described request.
struct KeyExplanation {
    /// A cache that had a GET of the route, and the exchange that its request would have.
    private struct Candidate {
        let cache: CacheRecord
        let route: Route
        let exchange: Exchange
    }

    private let candidates: [Candidate]

    /// Finds the caches of a route.
    ///
    /// - Parameters:
    ///   - name: The name of the route.
    ///   - query: Describes the request.
    ///   - exchange: The request to the administration, for the host and the scheme.
    ///   - activity: The activity of the caches.
    /// - Throws: An `AdministrationProblem` for a route that had no request, or an invalid parameter.
    init(
        of name: String, _ query: QueryParameters, askedBy exchange: Exchange, in activity: CacheActivity
    ) throws(AdministrationProblem) {
        let caches = activity.caches
        let known = caches.flatMap { cache in cache.counters.counted.map { (cache, $0) } }
        let named = known.filter { $0.1.hasKeys && $0.1.name.hasBytes(of: name) }
        guard !named.isEmpty else {
            let names = Set(known.filter { $0.1.hasKeys }.map { $0.1.name }).sorted()
            throw AdministrationProblem(
                .notFound,
                caches.isEmpty
                    ? "no cache has the runtime of the administration"
                    : "the route '\(name)' had no GET since the start; known routes are \(names)")
        }
        let head = try HTTPRequest(describedBy: query, askedBy: exchange.request)
        var candidates: [Candidate] = []
        for (cache, subject) in named {
            guard let (route, parameters, request) = try Self.routed(head, query, subject) else { continue }
            let exchange = Exchange(
                request: request, route: route, pathParameters: parameters,
                client: Exchange.Client(userID: query["user"], language: query["language"], format: query["format"])
            )
            candidates.append(Candidate(cache: cache, route: route, exchange: exchange))
        }
        guard !candidates.isEmpty else {
            throw AdministrationProblem(
                .badRequest,
                query["target"].map { "target: '\($0)' is not a path of the route '\(name)'" }
                    ?? "target: the route '\(name)' has path parameters, so it needs a target")
        }
        self.candidates = candidates
    }

    /// Returns the keys, texts and entries.
    ///
    /// - Parameter entry: Returns the description of the entry under a key, if there is one.
    /// - Returns: The value of the response.
    /// - Throws: An `AdministrationProblem` if a key cannot be computed, or any error of `entry`.
    func value(entry: (CacheKey, any CacheStore) async throws -> KeyValue?) async throws -> KeyValue {
        var keys: [KeyValue] = []
        for candidate in candidates {
            let cache = candidate.cache
            let (exchange, text, key): (Exchange, String?, CacheKey?)
            do {
                exchange = try await cache.rules.described(candidate.exchange)
                text = try await cache.rules.explanation(for: exchange)
                key = try await cache.rules.key(for: exchange)
            } catch {
                throw AdministrationProblem(.badGateway, "\(cache.name): the key cannot be computed: \(error)")
            }
            var found: KeyValue?
            if let key { found = try await entry(key, cache.store) }
            let bypass = cache.rules.bypass(exchange, RequestTraits(exchange.request.headerFields))
            keys.append(
                .object([
                    .init("cache", .string(cache.name)), .init("route", .string(candidate.route.view)),
                    .init("template", candidate.route.template.map { .string($0) } ?? .null),
                    .init("key", key.map { .string("\($0)") } ?? .null),
                    .init("explanation", text.map { .string($0) } ?? .null),
                    .init("bypass", bypass.map { .string($0.rawValue) } ?? .null), .init("entry", found ?? .null),
                ]))
        }
        return .object([.init("keys", .array(keys))])
    }

    /// Returns what a router makes of a request, or nil if it would not choose this route.
    private static func routed(
        _ head: HTTPRequest, _ query: QueryParameters, _ subject: RouteCounters.Subject
    ) throws(AdministrationProblem) -> (Route, PathParameters, HTTPRequest)? {
        let described = query.values(for: "parameter").map { line in
            let (name, value) = line.split(atFirst: ":")
            return PathParameters.Parameter(name, .string(value))
        }
        guard case .route(let route) = subject else {
            return (Route(of: head), PathParameters(named: described), head)
        }
        guard let template = route.template else { return (route, PathParameters(named: described), head) }
        guard described.isEmpty else {
            throw AdministrationProblem(.badRequest, "parameter: the target has the parameters of '\(template)'")
        }
        let parsed = PathTemplate(template)
        guard query["target"] == nil else {
            return parsed.parameters(of: (head.path ?? "").targetPath).map { (route, $0, head) }
        }
        // A template without parameters is the path itself.
        guard let none = parsed.parameters(of: template[...]), none.isEmpty else { return nil }
        var request = head
        request.path = template
        return (route, none, request)
    }
}

extension RouteCounters.Subject {
    /// Whether its requests have keys: those with GET, and HEAD, whose routes are those of GET.
    fileprivate var hasKeys: Bool {
        switch self {
        case .route(let route): route.method.hasBytes(of: Route.methodName(of: .get))
        case .unrouted: true
        case .other: false
        }
    }
}

extension HTTPRequest {
    /// Creates the GET that a query describes.
    fileprivate init(describedBy query: QueryParameters, askedBy request: HTTPRequest) throws(AdministrationProblem) {
        let target = query["target"] ?? "/"
        guard target.hasPrefix("/") else {
            throw AdministrationProblem(.badRequest, "target: '\(target)' does not begin with a slash")
        }
        self.init(
            method: .get, scheme: query["scheme"] ?? request.scheme ?? "http",
            authority: query["host"] ?? request.authority,
            path: target
        )
        for line in query.values(for: "header") {
            let (name, value) = line.split(atFirst: ":")
            guard let name = HTTPField.Name(name) else {
                throw AdministrationProblem(.badRequest, "header: '\(line)' is not Name:value")
            }
            headerFields.append(HTTPField(name: name, value: value))
        }
    }
}

extension String {
    /// Returns the texts before and after the first separator, the second one without leading spaces and empty without a separator.
    fileprivate func split(atFirst separator: Character) -> (String, String) {
        guard let index = firstIndex(of: separator) else { return (self, "") }
        return (String(self[..<index]), String(self[self.index(after: index)...].drop { $0 == " " }))
    }
}
