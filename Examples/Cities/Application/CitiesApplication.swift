import CacheMiddleware
import Hummingbird
import HummingbirdPipeline
import Logging
import NIOCore

/// Makes the application: opens the database, fills it on the first start, and puts the routes together.
///
/// - Parameters:
///   - configuration: What the application has to be told.
///   - onServerRunning: Is called with the listening channel when the server accepts connections.
/// - Returns: The application, ready to run.
/// - Throws: What prevents the cache from being made, or the database from being opened or filled.
func buildApplication(
    _ configuration: CitiesConfiguration,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) async throws -> some ApplicationProtocol {
    let logger = configuration.logger
    let background = BackgroundWork()
    let runtime = CacheRuntime(background: background, logger: logger)
    let (store, services) = try configuration.cache.makeStore(byteLimit: configuration.cacheBytes, logger: logger)
    logger.info("cache is made", metadata: ["cache": "\(configuration.cache)"])
    let updatedAt = VersionStamp("cities", in: store)
    let database = try CitiesDatabase.open(
        path: configuration.databasePath, updatedAt: updatedAt, runtime: runtime
    )
    logger.info("database is open", metadata: ["path": "\(configuration.databasePath)"])
    let router = try await buildRouter(
        database: database, updatedAt: updatedAt, store: store, runtime: runtime,
        administrationSecret: configuration.administrationSecret
    )
    var application = Application(
        router: router,
        // A hit in a Redis server then wakes no other thread up.
        server: .onEventLoops(configuration: .init(idleTimeout: configuration.idleTimeout)),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            serverName: "cities",
            backlog: configuration.backlog
        ),
        onServerRunning: { channel in
            await accept(connectionsPerTurn: configuration.connectionsPerTurn, on: channel, logger: logger)
            await onServerRunning(channel)
        },
        logger: logger
    )
    // Shut down from the last to the first: what runs in the background uses the store, and the store its client.
    application.addServices(services + [background])
    return application
}

/// Sets how many connections a listening channel accepts before its event loop serves requests again.
private func accept(connectionsPerTurn: Int, on channel: any Channel, logger: Logger) async {
    do {
        try await channel.setOption(.maxMessagesPerRead, value: UInt(connectionsPerTurn)).get()
    } catch {
        logger.warning("connections are accepted a few at a time", metadata: ["error": "\(error)"])
    }
}
