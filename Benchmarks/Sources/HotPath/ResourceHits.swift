import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Repositories
import Resources
import Workload

/// Hits of a resource, and of a route by hand with the same middleware and a key of the same parts.
enum ResourceHits {
    static let target = "/cities?country_code=DE&page=2&population__gte=100000"

    static func exchange(_ template: String) -> Exchange {
        Exchange(
            request: HTTPRequest(
                method: .get, scheme: "http", authority: "localhost:8080", path: target,
                headerFields: [.accept: "application/json", .userAgent: "curl/7.88.1"]),
            route: Route(view: "cities-list", method: "list", template: template))
    }

    /// The handler of the resource.
    static func resource() -> Handler {
        let store = MemoryStore(byteLimit: 64 << 20)
        let cities = Resource("cities", over: CityRows(20, named: "Berlin")) {
            Ordering(CityRows.population.descending)
            Conditions()
            Caching(.minutes(15), in: store)
        }
        let route = cities.routes.first { $0.method == .get && $0.template == "/cities" }
        return { exchange in try await route?.respond(to: exchange) ?? Workload.reply() }
    }

    /// The handler of the route by hand.
    static func route() -> Handler {
        let store = MemoryStore(byteLimit: 64 << 20)
        let key: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language, "target": .target,
            "stamp": .custom(VersionStampKeyBit("cities", in: store)),
        ]
        return Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.minutes(15), key: key, in: store)
        }.wrap { _ in Workload.reply() }
    }
}
