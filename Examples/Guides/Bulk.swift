#if GRDB
import BulkOperations
import GRDB
import Repositories
import RepositoriesSQLite
import Resources
import ResponseCache

/// The code of the page of BulkOperations.
func bulkGuide(pool: DatabasePool, store: some CacheStore) -> Resource {
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
        Caching(.minutes(15), in: store)
        Bulk()
    }
    return cities
}
#endif
