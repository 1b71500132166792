import CacheMiddleware
import Hummingbird
import Logging
import NIOCore

/// Makes the application: opens the database, fills it on the first start, and puts the routes together.
///
/// - Parameters:
///   - configuration: What the application has to be told.
///   - onServerRunning: Is called with the listening channel when the server accepts connections.
/// - Returns: The application, ready to run.
/// - Throws: What prevents the database from being opened or filled.
func buildApplication(
    _ configuration: CitiesConfiguration,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) async throws -> some ApplicationProtocol {
    let logger = configuration.logger
    let store = MemoryStore(byteLimit: configuration.cacheBytes)
    let updatedAt = VersionStamp("cities", in: store)
    let database = try CitiesDatabase.open(path: configuration.databasePath, updatedAt: updatedAt)
    logger.info("database is open", metadata: ["path": "\(configuration.databasePath)"])
    let background = BackgroundWork()
    let router = try await buildRouter(
        database: database, updatedAt: updatedAt, store: store,
        runtime: CacheRuntime(logger: logger, background: background),
        administrationSecret: configuration.administrationSecret
    )
    var application = Application(
        router: router,
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            serverName: "cities"
        ),
        onServerRunning: onServerRunning,
        logger: logger
    )
    application.addServices(background)
    return application
}
