import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheAdministration {
    func statistics() async throws(AdministrationProblem) -> KeyValue {
        var members: [KeyValue.Member] = []
        for name in stores.names {
            guard let store = stores[name] as? any CacheStatisticsProvider else { continue }
            let figures: [(name: String, value: Int)]
            do {
                figures = try await store.cacheStatistics()
            } catch {
                throw AdministrationProblem(.badGateway, "\(name): the store failed: \(error)")
            }
            members.append(.init(name, .object(figures.map { .init($0.name, .integer($0.value)) })))
        }
        return .object(members)
    }

    func entry(under key: CacheKey, _ query: QueryParameters) async throws -> KeyValue {
        guard let description = try await description(of: key, in: store(query)) else {
            throw AdministrationProblem(.notFound, "there is no entry under this key")
        }
        return description
    }

    func explanation(_ name: String, _ query: QueryParameters) async throws -> KeyValue {
        guard let constructor = keys[name] else {
            throw AdministrationProblem(.notFound, "there is no key '\(name)', there are \(keys.keys.sorted())")
        }
        let exchange = try Exchange(describedBy: query)
        let (text, key): (String, CacheKey)
        do {
            text = try await constructor.explanation(for: exchange)
            key = try await constructor.key(for: exchange)
        } catch {
            throw AdministrationProblem(.badGateway, "\(name): the key cannot be made: \(error)")
        }
        return .object([
            .init("key", .string("\(key)")), .init("explanation", .string(text)),
            .init("entry", try await description(of: key, in: store(query)) ?? .null),
        ])
    }

    func purge(_ query: QueryParameters) async throws(AdministrationProblem) -> KeyValue {
        let request = try PurgeRequest(query)
        let store = try store(query)
        var purged: [KeyValue] = []
        for selection in request.selections {
            let count: Int?
            do {
                count = try await store.purge(selection, mode: request.mode)
            } catch {
                throw AdministrationProblem(
                    .badGateway,
                    "\(selection): the store failed after \(purged.count) of \(request.selections.count) purges: \(error)"
                )
            }
            purged.append(
                .object([
                    .init("selection", .string("\(selection)")), .init("entries", count.map { .integer($0) } ?? .null),
                ]))
        }
        return .object([.init("mode", .string("\(request.mode)")), .init("purged", .array(purged))])
    }

    private func description(of key: CacheKey, in store: any CacheStore) async throws -> KeyValue? {
        let found: CacheEntry?
        do {
            found = try await store.entry(for: key)
        } catch {
            throw AdministrationProblem(.badGateway, "the store failed: \(error)")
        }
        guard let entry = found else { return nil }
        func seconds(_ moment: Timestamp?) -> KeyValue {
            moment.map { .double(Double($0.nanoseconds) / 1e9) } ?? .null
        }
        let now = timeSource.now
        return .object([
            .init("key", .string("\(key)")), .init("status", .integer(entry.status.code)),
            .init("fields", .array(entry.headerFields.map { .string("\($0.name.rawName): \($0.value)") })),
            .init("body_bytes", .integer(entry.body.readableBytes)), .init("age", .integer(entry.age(at: now))),
            .init("is_fresh", .bool(entry.isFresh(at: now))), .init("stored_at", seconds(entry.storedAt)),
            .init("fresh_until", seconds(entry.freshUntil)), .init("expires_at", seconds(entry.expiresAt)),
            .init("tags", .array(entry.tags.map { .string($0) })),
            .init("path", entry.path.map { .string($0) } ?? .null),
            .init("computation_seconds", .double(entry.computationTime / .seconds(1))),
        ])
    }
}

extension Exchange {
    /// Creates the exchange that a query describes.
    fileprivate init(describedBy query: QueryParameters) throws(AdministrationProblem) {
        let name = query["method"] ?? "GET"
        guard let method = HTTPRequest.Method(name) else {
            throw AdministrationProblem(.badRequest, "method: '\(name)' is none")
        }
        var request = HTTPRequest(
            method: method, scheme: query["scheme"] ?? "http", authority: query["host"], path: query["target"] ?? "/"
        )
        for line in query.values(for: "header") {
            let (name, value) = Self.pair(line)
            guard let name = HTTPField.Name(name) else {
                throw AdministrationProblem(.badRequest, "header: '\(line)' is not Name:value")
            }
            request.headerFields.append(HTTPField(name: name, value: value))
        }
        var route = Route(of: request)
        if let view = query["view"] { route.view = view }
        route.template = query["template"]
        let parameters = query.values(for: "parameter").map { line in
            let (name, value) = Self.pair(line)
            return PathParameters.Parameter(name, .string(value))
        }
        self.init(
            request: request, route: route, pathParameters: PathParameters(named: parameters), userID: query["user"],
            language: query["language"], format: query["format"]
        )
    }

    private static func pair(_ line: String) -> (String, String) {
        guard let colon = line.firstIndex(of: ":") else { return (line, "") }
        return (String(line[..<colon]), String(line[line.index(after: colon)...]).trimmed)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " })
    }
}
