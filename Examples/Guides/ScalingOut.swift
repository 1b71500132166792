#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import Hummingbird
import Logging
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import Resources
import ResponseCache
import ResponseCacheRedis
import ServiceLifecycle
import UnixSignals

/// The code of the guide "Scaling out".
struct ScaledComponents {
    let client: PostgreSQLClient
    let redis: RedisClient
    let store: TieredStore
    let queue: PostgreSQLBulkQueue
    let cities: Resource
    let operations: Operations

    init() async throws {
        client = try PostgreSQLClient(url: "postgres://cities@db.internal/cities?sslmode=verify-full") {
            $0.maximumConnections = 8
        }
        redis = try RedisClient(url: "redis://cache.internal:6379/0")
        let store = TieredStore(memory: MemoryStore(byteLimit: 64 << 20), shared: RedisStore(redis))
        let repository = PostgreSQLRepository(CityFields.all, in: client)
        // Ends the start with an error that names the column if the table is another one.
        try await repository.check()
        queue = try await PostgreSQLBulkQueue(in: client)
        let operations = Operations(in: queue)
        cities = Resource("cities", over: repository) {
            Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
            Caching(.minutes(15), in: store, stamp: VersionStamp("cities", in: store))
            Bulk(operations)
        }
        (self.store, self.operations) = (store, operations)
    }

    /// A server. It accepts operations and leaves them to workers.
    func server(_ router: Router<BasicPipelineRequestContext>) -> some ApplicationProtocol {
        router.add(cities)
        router.add(operations)
        return Application(router: router, services: [client, redis, store, queue])
    }

    /// A process that only works.
    func runWorker(logger: Logger) async throws {
        let worker = OperationWorker(of: operations, for: cities, logger: logger)
        let group = ServiceGroup(
            services: [client, redis, store, queue, worker], gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
    }
}
#endif
