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

/// The hit of a resource's list, and that of a route by hand with the same body, middleware and parts of the key.
enum MeasuredList {
    static let target = "/cities?country_code=DE&page=2&population__gte=100000"

    private enum CityFields {
        static let id = Field.integer("id").key()
        static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
        static let country = Field.text("country_code", 2...2).filtered(.equality)
        static let population = Field.integer("population").filtered(.order).sorted()
        static let all = FieldSet("cities", id, name, country, population)
    }

    /// Equal rows for each query.
    private struct Cities: Repository {
        var fields: FieldSet { CityFields.all }

        func rows(_ query: RowQuery) async throws -> RowBatch {
            RowBatch(
                columns: ["id", "name", "country_code", "population"],
                rows: (1...Int64(query.limit ?? 1)).map { [.integer($0), "Sankt Märgen", "DE", .integer(3_400_000)] })
        }

        func count(_ selection: Selection) async throws -> Int { 1_000_000 }
        func apply(_ write: RowWrite) async throws -> WriteResult { WriteResult([]) }
        func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int { 0 }
    }

    /// The resource. A page of 140 rows has about 10 KiB.
    private static func resource() -> Resource {
        let store = MemoryStore(byteLimit: 64 << 20)
        return Resource("cities", over: Cities()) {
            Pagination(.pages, size: 140, maximum: 140)
            Ordering(CityFields.population.descending)
            Conditions()
            Caching(.minutes(15), in: store)
        }
    }

    static func addResource(to router: Router<BasicRequestContext>) { router.add(resource()) }

    static func addRoute(to router: Router<BasicRequestContext>) {
        let store = MemoryStore(byteLimit: 64 << 20)
        let key: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language, "user": .user,
            "target": .target, "stamp": .custom(VersionStampKeyBit("cities", in: store)),
        ]
        let stack = Pipeline {
            ETagMiddleware(key: key)
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
                    status: .ok, headers: [.contentType: "application/json"],
                    body: ResponseBody(byteBuffer: body))
            })
    }
}
