import BulkOperations
import CacheMiddleware
import Logging
import ServiceLifecycle

/// What servers and workers have in common: the database, the cache, the resources and their operations.
struct CitiesComponents {
    let database: any CitiesDatabase
    let store: any CacheStore
    let runtime: CacheRuntime
    let queries: QueryCounts
    let users: Users
    let resources: CitiesResources
    let operations: Operations
    /// The service that carries out operations.
    let worker: OperationWorker
    /// The services of the database and the cache, shut down in reverse order: background work uses the store, and the store uses its client.
    let services: [any Service]

    /// Creates the cache, and opens the database, which it fills on the first start.
    ///
    /// - Parameter configuration: The configuration.
    /// - Throws: The error of creating the cache, or of opening or filling the database.
    init(_ configuration: CitiesConfiguration) async throws {
        let logger = configuration.logger
        let background = BackgroundWork()
        runtime = CacheRuntime(background: background, logger: logger)
        let (store, services) = try configuration.cache.makeStore(byteLimit: configuration.cacheBytes, logger: logger)
        logger.info("cache created", metadata: ["cache": "\(configuration.cache)"])
        let database = try await openDatabase(at: configuration.database, logger: logger)
        logger.info("database opened", metadata: ["location": "\(configuration.database)"])
        var settings = BulkQueueSettings()
        // After the end of a process, its chunk is carried out again when the lease has ended.
        settings.leaseDuration = configuration.leaseDuration
        let queue = try await database.queue(settings)
        operations = Operations(in: queue) {
            $0.chunkItemCount = configuration.chunkItemCount
            $0.progressInterval = .milliseconds(100)
        }
        users = try await database.users()
        queries = QueryCounts()
        resources = CitiesResources(
            in: database, cache: (store, runtime), queries: queries, editors: users.editors,
            bulk: try await Self.bulk(operations, database))
        worker = OperationWorker(of: operations, for: resources.cities, logger: logger)
        var all = database.services + services + [background]
        // It listens for the changes of other processes.
        if let queue = queue as? any Service { all.append(queue) }
        if configuration.cache == .memory {
            all.append(database.watcher(invalidating: resources.cities, logger: logger))
        }
        (self.database, self.store, self.services) = (database, store, all)
    }

    /// Bulk operations whose upserts can be repeated with an idempotency key.
    private static func bulk(_ operations: Operations, _ database: any CitiesDatabase) async throws -> Bulk {
        let keys = try await database.idempotencyStore()
        return Bulk(operations) { $0.idempotency = keys }
    }
}
