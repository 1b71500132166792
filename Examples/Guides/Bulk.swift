#if GRDB
import BulkOperations
import BulkOperationsSQLite
import GRDB
import Hummingbird
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

/// The code of the page about operations.
func operationsGuide(
    pool: DatabasePool, store: some CacheStore, router: Router<BasicPipelineRequestContext>
) throws -> some ApplicationProtocol {
    let queue = try SQLiteBulkQueue(in: pool)
    let operations = Operations(in: queue)
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
        Conditions(requiring: .updates)
        Caching(.minutes(15), in: store)
        Bulk(operations)
    }
    router.add(cities)
    router.add(operations)
    let worker = OperationWorker(of: operations, for: cities)
    return Application(router: router, services: [worker])
}

/// The code of the section about limits.
func configuredOperationsGuide(pool: DatabasePool) throws -> OperationWorker {
    let queue = try SQLiteBulkQueue(in: pool) { $0.retention = .seconds(7 * 24 * 3600) }
    let operations = Operations(in: queue) { $0.maximumItemCount = 5_000_000 }
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Bulk(operations) { $0.maximumUpsertCount = 100 }
    }
    let worker = OperationWorker(of: operations, for: cities) { $0.pollInterval = .seconds(1) }
    return worker
}

func idempotencyGuide(
    pool: DatabasePool, createOrder: @escaping @Sendable (Request, BasicPipelineRequestContext) async throws -> Response
) throws -> Router<BasicPipelineRequestContext> {
    let router = Router(context: BasicPipelineRequestContext.self)
    let keys = MemoryIdempotencyStore()
    let orders = Pipeline {
        IdempotencyMiddleware(in: keys) {
            $0.isRequired = true
            $0.documentation = "https://api.example.com/docs/idempotency"
        }
    }
    router.post("orders", use: orders.wrap(as: "orders", createOrder))
    let durableKeys = try SQLiteIdempotencyStore(in: pool)
    let imported = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
        Bulk { $0.idempotency = durableKeys }
    }
    router.add(imported)
    return router
}

func idempotentWritesGuide(pool: DatabasePool, durableKeys: some IdempotencyStore) -> Resource {
    let created = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) {
        Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
        Around { IdempotencyMiddleware(in: durableKeys) { $0.maximumRequestSize = 16 << 20 } }
        Bulk()
    }
    return created
}

func describedOperationsGuide(pool: DatabasePool, router: Router<BasicPipelineRequestContext>) throws -> OperationWorker
{
    let operations = Operations(in: try SQLiteBulkQueue(in: pool))
    let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: pool)) { Bulk(operations) }
    let document = OpenAPIDocument(title: "Geography", version: "1", cities, operations)
    router.add(cities)
    router.add(operations)
    router.add(document)
    router.add(document.page())
    return OperationWorker(of: operations, for: cities)
}
#endif
