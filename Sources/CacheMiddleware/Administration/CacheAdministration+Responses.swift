import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheAdministration {
    func statistics() async throws(AdministrationProblem) -> KeyValue {
        let routes = runtime.activity.routes
        var caches: [String: [Int]] = [:]
        for route in routes {
            caches[route.cache] = caches[route.cache].map { zip($0, route.numbers).map(+) } ?? route.numbers
        }
        return .object(
            [
                .init(
                    "caches",
                    .object(caches.sorted { $0.key < $1.key }.map { .init($0.key, .object(Self.figures($0.value))) })),
                .init("routes", .array(routes.map { .object(Self.names(of: $0) + Self.figures($0.numbers)) })),
                .init("stores", try await storeFigures()),
            ] + belowFramework())
    }

    /// The hits that were answered below the framework, and the number of other requests for each reason.
    private func belowFramework() -> [KeyValue.Member] {
        guard let values = runtime.activity.reuse.values else { return [] }
        let refused = zip(ReuseRefusal.allCases, values.refused).filter { $1 > 0 }.map { reason, count in
            KeyValue.Member("\(reason)", .integer(count))
        }
        return [
            .init(
                "below_framework",
                .object([
                    .init("hits", .integer(values.answered)), .init("responses", .integer(values.responses)),
                    .init("bytes", .integer(values.bytes)), .init("other_requests", .object(refused)),
                ]))
        ]
    }

    func routes() -> KeyValue {
        .object([.init("routes", .array(runtime.activity.routes.map { .object(Self.names(of: $0)) }))])
    }

    private func storeFigures() async throws(AdministrationProblem) -> KeyValue {
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

    private static func names(of route: RouteFigures) -> [KeyValue.Member] {
        [
            .init("cache", .string(route.cache)), .init("route", .string(route.name)),
            .init("method", route.route.map { .string($0.method) } ?? .null),
            .init("template", (route.route?.template).map { .string($0) } ?? .null),
        ]
    }

    private static func figures(_ counts: [Int]) -> [KeyValue.Member] {
        let outcomes = zip(CacheObserver.Outcome.allCases, counts).map { outcome, count in
            KeyValue.Member(outcome.rawValue, .integer(count))
        }
        return [
            .init("requests", .integer(counts.reduce(0, +))), .init("outcomes", .object(outcomes)),
            .init("hit_ratio", RouteFigures.hitRatio(counts).map { .double($0) } ?? .null),
        ]
    }

    func entry(under key: CacheKey, _ query: QueryParameters) async throws -> KeyValue {
        guard let description = try await description(of: key, in: store(query)) else {
            throw AdministrationProblem(.notFound, "no entry under this key")
        }
        return description
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

    /// Returns the description of an entry, or nil if there is none.
    func description(of key: CacheKey, in store: any CacheStore) async throws -> KeyValue? {
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
        let now = runtime.timeSource.now
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
