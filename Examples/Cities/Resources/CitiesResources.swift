import CacheMiddleware
import ETag
import GRDB
import HTTPPipeline
import Repositories
import RepositoriesSQLite
import Resources
import ResponseCompression

/// The resources of the application.
struct CitiesResources {
    let cities: Resource
    let countries: Resource
    let users: Resource

    /// Declares the resources.
    ///
    /// - Parameters:
    ///   - pool: The database.
    ///   - store: The store of cached responses.
    ///   - runtime: Runs refreshes in the background, and receives logs and metrics.
    ///   - queries: Counts the queries of each table.
    ///   - editors: The users who may delete cities.
    init(
        pool: DatabasePool, store: any CacheStore, runtime: CacheRuntime, queries: QueryCounts, editors: Set<String>
    ) {
        func repository(_ fields: FieldSet) -> some Repository {
            CountedRepository(SQLiteRepository(fields, in: pool), counts: queries)
        }
        // Views join the tables, so a write to one of them changes the lists of all.
        let updatedAt = VersionStamp("cities", in: store, runtime: runtime)
        let caching = Caching(.minutes(15), in: store, stamp: updatedAt, runtime: runtime) {
            // Popular responses are served while they are refreshed and while the database is busy.
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
                action == .destroy && !editors.contains(exchange.userID ?? "") ? .refused : .all
            }
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
