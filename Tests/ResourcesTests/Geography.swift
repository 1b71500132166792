#if Hummingbird
import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import HummingbirdTesting
import NIOCore
import PipelineTesting
import Repositories
import Resources
import Synchronization

enum CountryFields {
    static let code = Field.text("code", 2...2).key(writtenByClients: true)
    static let name = Field.text("name", 1...50).sorted()
    static let isHidden = Field.boolean("is_hidden").default(false)
    static let all = FieldSet("countries", code, name, isHidden)
}

enum CityFields {
    static let id = Field.integer("id").key()
    static let name = Field.text("name", 1...50).filtered([.equality, .prefix]).sorted()
    static let country = Field.text("country_code", 2...2).filtered(.equality)
    static let population = Field.integer("population", 0...1_000_000_000).default(0).filtered(.order).sorted()
    static let folded = Field.text("folded_name").hidden().computed(from: name) { $0.lowercased() }
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("cities", id, name, country, population, folded, version)
}

/// Countries with cities, over repositories in memory, behind a live server.
final class Geography: Sendable {
    let countries: CountingRepository
    let cities: CountingRepository
    let store: MemoryStore
    /// Its writes are in the past, so that responses have Last-Modified at once.
    private let runtime = CacheRuntime.testing()
    /// The user and what the rules permit; changed by tests.
    let rules = Mutex<@Sendable (Exchange, ResourceAction) -> Access>({ _, _ in .all })
    let countryRules = Mutex<@Sendable (Exchange, ResourceAction) -> Access>({ _, _ in .all })

    init() async throws {
        store = MemoryStore(byteLimit: 1 << 20, timeSource: runtime.timeSource)
        countries = CountingRepository(
            try MemoryRepository(
                CountryFields.all,
                rows: RowBatch(
                    columns: ["code", "name", "is_hidden"],
                    rows: [["DE", "Germany", false], ["AT", "Austria", false], ["XX", "Nowhere", true]])))
        cities = CountingRepository(
            try MemoryRepository(
                CityFields.all,
                rows: RowBatch(
                    columns: ["id", "name", "country_code", "population", "folded_name", "version"],
                    rows: [
                        [1, "Berlin", "DE", 3_400_000, "berlin", 1], [2, "Hamburg", "DE", 1_700_000, "hamburg", 1],
                        [3, "Vienna", "AT", 1_700_000, "vienna", 1], [4, "Graz", "AT", 222_326, "graz", 1],
                        [5, "Munich", "DE", 1_260_391, "munich", 1],
                    ])))
    }

    func city(_ pagination: Pagination = Pagination(.pages, size: 2, maximum: 3)) -> Resource {
        Resource("cities", over: cities) {
            pagination
            Ordering(CityFields.population.descending)
            Search(CityFields.name)
            Conditions()
            Caching(.minutes(15), in: store, runtime: runtime) { $0.answersBelowFramework = true }
            Permissions { [self] exchange, action in rules.withLock { $0 }(exchange, action) }
            ResourceURI()
        }
    }

    func country(_ city: Resource) -> Resource {
        Resource("countries", over: countries) {
            Caching(.minutes(15), in: store, runtime: runtime) { $0.answersBelowFramework = true }
            Permissions { [self] exchange, action in countryRules.withLock { $0 }(exchange, action) }
            Nested(city, by: CityFields.country)
        }
    }
}

/// Counts the operations of another repository.
final class CountingRepository: Repository {
    private let base: MemoryRepository
    private let counter = Atomic(0)

    init(_ base: MemoryRepository) { self.base = base }

    var fields: FieldSet { base.fields }
    var count: Int { counter.load(ordering: .relaxed) }

    func rows(_ query: RowQuery) async throws -> RowBatch {
        counter.add(1, ordering: .relaxed)
        return try await base.rows(query)
    }

    func count(_ selection: Selection) async throws -> Int {
        counter.add(1, ordering: .relaxed)
        return try await base.count(selection)
    }

    func apply(_ write: RowWrite) async throws -> WriteResult { try await base.apply(write) }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await base.applyAll(selection, setting: row, limit: maximum)
    }
}

/// A context whose user is the value of `X-User`.
struct UserContext: PipelineRequestContext {
    var coreContext: CoreRequestContextStorage
    var userID: String?

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

struct UserMiddleware: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request, context: UserContext,
        next: @concurrent (Request, UserContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.userID = request.headers[HTTPField.Name("X-User")!]
        return try await next(request, context)
    }
}

/// A response as tests compare it.
struct Answer {
    var status: Int
    var text: String
    var fields: HTTPFields

    var cacheStatus: String? { fields[HTTPField.Name("Cache-Status")!] }
}

struct Client {
    let client: any TestClientProtocol

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ fields: HTTPFields = [:], body: String? = nil,
        as user: String? = nil
    ) async throws -> Answer {
        var fields = fields
        if let user { fields[HTTPField.Name("X-User")!] = user }
        if body != nil, fields[.contentType] == nil { fields[.contentType] = "application/json" }
        let response = try await client.executeRequest(
            uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        return Answer(
            status: response.status.code, text: String(buffer: response.body), fields: response.headers)
    }

    func get(_ path: String, _ fields: HTTPFields = [:], as user: String? = nil) async throws -> Answer {
        try await send(.get, path, fields, as: user)
    }
}

func withServer(
    of resources: Resource..., document: OpenAPIDocument? = nil, test: @Sendable @escaping (Client) async throws -> Void
) async throws {
    let router = Router(context: UserContext.self)
    router.add(middleware: UserMiddleware())
    for resource in resources { router.add(resource) }
    if let document { router.add(document) }
    // Repeated requests may be answered in the channel, as in an application that opts in.
    let server = HTTPServerBuilder.onEventLoops(answeringHits: ChannelHits(runtime: CacheRuntime()))
    try await Application(router: router, server: server).test(.live) { try await test(Client(client: $0)) }
}
#endif
