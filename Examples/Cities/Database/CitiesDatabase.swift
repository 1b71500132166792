import BulkOperations
import Logging
import Repositories
import Resources
import ServiceLifecycle

/// The database of the application, which may be shared by several instances.
protocol CitiesDatabase: Sendable {
    /// The last statement of a request that changed a table.
    var writes: WriteTrace { get }

    /// The services of the database, which end after those that use it.
    var services: [any Service] { get }

    /// Returns the rows with some fields.
    func repository(_ fields: FieldSet) -> any Repository

    /// Returns the queue of bulk operations, and creates its tables unless they exist.
    ///
    /// - Throws: The errors of the database.
    func queue(_ settings: BulkQueueSettings) async throws -> any BulkQueue

    /// Returns the store of responses to requests with an idempotency key, and creates its tables unless they exist.
    ///
    /// - Throws: The errors of the database.
    func idempotencyStore() async throws -> any IdempotencyStore

    /// Returns the users.
    ///
    /// - Throws: The errors of the database.
    func users() async throws -> Users

    /// Returns a service that invalidates cached responses after writes of other processes, for a cache in the memory of this one.
    ///
    /// With a cache in a Redis server, the process that writes invalidates them.
    ///
    /// - Parameters:
    ///   - cities: A resource with the version stamp of all.
    ///   - logger: The logger.
    /// - Returns: The service.
    func watcher(invalidating cities: Resource, logger: Logger) -> any Service
}

/// The users: their identifiers by token, and those who are editors.
typealias Users = (byToken: [String: String], editors: Set<String>)

/// Opens the database at a location, and creates and fills it if it does not exist.
///
/// - Throws: The errors of the database and of the data files.
func openDatabase(at location: DatabaseLocation, logger: Logger) async throws -> any CitiesDatabase {
    switch location {
    case .sqlite(let path): return try SQLiteCitiesDatabase.open(path: path)
    case .postgreSQL(let url):
        #if PostgreSQL
        return try await PostgreSQLCitiesDatabase.open(url, logger: logger)
        #else
        throw DatabaseLocation.Unsupported()
        #endif
    }
}
