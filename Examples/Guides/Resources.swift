#if GRDB
import ETag
import Foundation
import GRDB
import Hummingbird
import HummingbirdPipeline
import Repositories
import RepositoriesSQLite
import Resources
import ResponseCache
import ResponseCompression

enum CityFields {
    static let id = Field.integer("id").key()
    static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
    static let country = Field.text("country_code", 2...2).filtered(.equality)
    static let population = Field.integer("population", 0...2_000_000_000).default(0).filtered(.order).sorted()
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("cities", id, name, country, population, version)
}

enum CountryFields {
    static let code = Field.text("code", 2...2).key(writtenByClients: true)
    static let name = Field.text("name", 1...100).sorted()
    static let all = FieldSet("countries", code, name)
}

enum VisitFields {
    static let id = Field.integer("id").key()
    static let country = Field.text("country_code", 2...2)
    static let city = Field.integer("city_id")
    static let all = FieldSet("visits", id, country, city)
}

/// Receives the names of rows to verify.
actor VerificationQueue {
    private var names: [RowValue] = []

    func append(_ name: RowValue?) { names.append(name ?? .null) }
}

/// The code of the guide of Resources.
func resourceGuide(pool: DatabasePool, store: some CacheStore) async throws {
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Ordering(CityFields.population.descending)
        Conditions(requiring: .updates)
        Caching(.minutes(15), in: store)
    }
    let countries = Resource("countries", over: SQLiteRepository(CountryFields.all, in: pool)) {
        Actions(ResourceAction.reading)
        Caching(.minutes(15), in: store)
        Nested(cities, by: CityFields.country)
    }
    let router = Router(context: BasicPipelineRequestContext.self)
    router.add(cities, countries)
    let document = OpenAPIDocument(title: "Geography", version: "1", cities, countries)
    router.add(document)
    router.add(document.page())
    try await Application(router: router).runService()

    _ = restricted(pool: pool, store: store)
    _ = translated(pool: pool, store: store)
    _ = NoteFields.all
    _ = extended(pool: pool, store: store, queue: VerificationQueue())
    await cities.invalidate()
}

private func extended(pool: DatabasePool, store: some CacheStore, queue: VerificationQueue) -> Resource {
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Conditions().adding(["unit": .headers(["x-unit"])], to: .retrieve)
        Caching(.minutes(15), in: store).adding(["currency": .headers(["x-currency"])], tags: ["prices"], to: .list)
        DetailAction("verify", .post) { row, exchange in
            await queue.append(row.value(row: 0, field: "name"))
            return Reply(status: .accepted)
        }
    }
    let visits = SQLiteRepository(VisitFields.all, in: pool)
    return Resource("countries", over: SQLiteRepository(CountryFields.all, in: pool)) {
        Nested(cities, through: visits, from: VisitFields.country, to: VisitFields.city)
    }
}

private func restricted(pool: DatabasePool, store: some CacheStore) -> Resource {
    Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Pagination(.cursor, size: 50, maximum: 500)
        Representation(list: ["id", "name"], detail: ["id", "name", "country_code", "population"])
        Search(CityFields.name)
        ResourceURI()
        Around { GzipMiddleware() }
        Conditions()
        Caching(.minutes(15), in: store) { $0.stale = StalePolicy(whileRevalidating: .seconds(30)) }
        Permissions { exchange, action in
            if action.isReading { return .all }
            return exchange.userID == "anna" ? .rows(CityFields.country == "AT") : .refused
        }
    }
}
enum NoteFields {
    static let id = Field.integer("id").key()
    static let text = Field.text("text", 1...1000)
    static let folded = Field.text("folded_text").hidden().computed(from: text) { $0.lowercased() }
    static let createdAt = Field.text("created_at").onCreate { Date.now.ISO8601Format() }
    static let updatedAt = Field.text("updated_at").onWrite { Date.now.ISO8601Format() }
    static let all = FieldSet("notes", id, text, folded, createdAt, updatedAt)
}

private func translated(pool: DatabasePool, store: some CacheStore) -> Resource {
    let countries = Resource(
        "countries", over: SQLiteRepository(CountryFields.all.reading(from: "countries_en"), in: pool)
    ) {
        Languages("en", others: ["de": SQLiteRepository(CountryFields.all.reading(from: "countries_de"), in: pool)])
        Caching(.minutes(15), in: store)
    }
    return countries
}
#endif
