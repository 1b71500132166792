import BulkOperations
import CacheMiddleware
import ETag
import HTTPPipeline
import Repositories
import Resources
import ResponseCompression

/// The resources of the application.
struct CitiesResources {
    let cities: Resource
    let countries: Resource
    let users: Resource

    /// What only editors may do with cities.
    private static let actionsOfEditors: Set<ResourceAction> = [
        .destroy, .bulkDestroy, .bulkUpdate, .upsert, .operations,
    ]

    /// Declares the resources.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - cache: The store of cached responses, and what runs refreshes in the background and receives logs and metrics.
    ///   - queries: Counts the queries of each table.
    ///   - editors: The users who may delete cities and change many of them.
    ///   - bulk: The bulk operations on cities.
    init(
        in database: any CitiesDatabase, cache: (store: any CacheStore, runtime: CacheRuntime), queries: QueryCounts,
        editors: Set<String>, bulk: Bulk
    ) {
        let (store, runtime) = cache
        func repository(_ fields: FieldSet) -> some Repository {
            CountedRepository(database.repository(fields), counts: queries, writes: database.writes)
        }
        // Views join the tables, so a write to one of them changes the lists of all.
        let updatedAt = VersionStamp("cities", in: store, runtime: runtime)
        let caching = Caching(.minutes(15), in: store, stamp: updatedAt, runtime: runtime) {
            // Popular responses are served while they are refreshed and while the database is busy.
            // Rows, languages and formats follow from the request and the stamp. Users have credentials.
            $0.answersBelowFramework = true
            $0.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
        }
        let ownRows = { (user: Field<String>) in
            Permissions { exchange, _ in exchange.userID.map { .rows(user == $0) } ?? .refused }
        }

        let cities = Resource("cities", over: repository(CityFields.named(in: "en"))) {
            Languages("en", others: ["de": repository(CityFields.named(in: "de"))])
            Ordering(CityFields.population.descending)
            Pagination(.cursor)
            Search(CityFields.foldedName)
            Permissions { exchange, action in
                Self.actionsOfEditors.contains(action) && !editors.contains(exchange.userID ?? "") ? .refused : .all
            }
            bulk
            Around { GzipMiddleware() }
            Conditions()
            caching
        }
        self.cities = cities
        countries = Resource("countries", over: repository(CountryFields.named(in: "en"))) {
            Actions(ResourceAction.reading)
            Languages("en", others: ["de": repository(CountryFields.named(in: "de"))])
            Ordering(CountryFields.code.ascending)
            Around { GzipMiddleware() }
            Conditions()
            caching
            Nested(cities, by: CityFields.countryCode)
        }
        let favourites = Resource("favourites", over: repository(FavouriteFields.all)) {
            ownRows(FavouriteFields.userID)
            Conditions()
            caching
        }
        users = Resource("users", over: repository(UserFields.all)) {
            Actions(ResourceAction.reading)
            ownRows(UserFields.id)
            Conditions()
            caching
            Nested(favourites, by: FavouriteFields.userID)
        }
    }
}
