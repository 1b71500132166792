import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import KeyConstructor
import NIOCore
import Repositories
import Resources
import Workload

/// The hit of a resource's list, and that of a route by hand with the same body, middleware and parts of the key.
enum MeasuredList {
    static let target = "/cities?country_code=DE&page=2&population__gte=100000"

    /// The resource. A page of 140 rows has about 10 KiB.
    private static func resource() -> Resource {
        let store = MemoryStore(byteLimit: 64 << 20)
        return Resource("cities", over: CityRows(141, named: "Sankt Märgen")) {
            Pagination(.pages, size: 140, maximum: 140)
            Ordering(CityRows.population.descending)
            Conditions()
            Caching(.minutes(15), in: store)
        }
    }

    static func addResource(to router: Router<BasicRequestContext>) { router.add(resource()) }

    static func addRoute(to router: Router<BasicRequestContext>) {
        let store = MemoryStore(byteLimit: 64 << 20)
        let stamp = VersionStamp("cities", in: store)
        let key: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language, "user": .user,
            "target": .target, "stamp": .custom(VersionStampKeyBit(stamp)),
        ]
        let stack = Pipeline {
            ETagMiddleware(key: key) { $0.lastModified = { HTTPDate(try await stamp.lastTouched(for: $0)) } }
            CacheResponseMiddleware(.minutes(15), key: key, in: store)
        }
        let list = resource().routes.first { $0.method == .get && $0.template == "/cities" }
        router.get(
            "cities",
            use: stack.wrap(as: "cities-list") { request, context in
                let exchange = Exchange(
                    request: request.head, route: Route(view: "cities-list", method: "get", template: "/cities"))
                guard case .buffer(let body)? = try await list?.respond(to: exchange).body.content else {
                    throw HTTPError(.internalServerError)
                }
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: "application/json",
                        .cacheControl: "max-age=0, must-revalidate",
                    ],
                    body: ResponseBody(byteBuffer: body))
            })
    }
}
