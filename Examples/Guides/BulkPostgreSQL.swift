#if PostgreSQL && GRDB
import BulkOperations
import BulkOperationsPostgreSQL
import Hummingbird
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import Resources
import ResponseCache

/// The code of the page of BulkOperationsPostgreSQL.
func postgreSQLOperationsGuide(
    store: some CacheStore, router: Router<BasicPipelineRequestContext>
) async throws -> some ApplicationProtocol {
    let client = try PostgreSQLClient(url: "postgres://places@db.example/places")
    let queue = try await PostgreSQLBulkQueue(in: client)
    let operations = Operations(in: queue)
    let cities = Resource("cities", over: PostgreSQLRepository(CityFields.all, in: client)) {
        Caching(.minutes(15), in: store)
        Bulk(operations)
    }
    router.add(cities)
    router.add(operations)
    let worker = OperationWorker(of: operations, for: cities)
    let application = Application(router: router, services: [client, queue, worker])
    return application
}

func postgreSQLIdempotencyGuide(client: PostgreSQLClient) async throws -> Resource {
    let durableKeys = try await PostgreSQLIdempotencyStore(in: client)
    let cities = Resource("cities", over: PostgreSQLRepository(CityFields.all, in: client)) {
        Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
        Bulk { $0.idempotency = durableKeys }
    }
    return cities
}
#endif
