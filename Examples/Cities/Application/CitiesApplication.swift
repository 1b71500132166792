import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import Logging
import NIOCore

/// Creates the application: opens the database, fills it on the first start, and adds the routes and the worker.
///
/// - Parameters:
///   - configuration: The configuration.
///   - onServerRunning: Called with the listening channel when the server accepts connections.
/// - Returns: The application, ready to run.
/// - Throws: The error of creating the cache, or of opening or filling the database.
func buildApplication(
    _ configuration: CitiesConfiguration,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
) async throws -> some ApplicationProtocol {
    let logger = configuration.logger
    let components = try await CitiesComponents(configuration)
    let router = try buildRouter(components, logger: logger, administrationSecret: configuration.administrationSecret)
    // A hit in a Redis server then wakes up no other thread.
    let http1 = HTTP1Channel.Configuration(idleTimeout: configuration.idleTimeout)
    let server: HTTPServerBuilder =
        configuration.answersHitsInChannel
        ? .onEventLoops(answeringHits: ChannelHits(runtime: components.runtime), configuration: http1)
        : .onEventLoops(configuration: http1)
    var application = Application(
        router: router,
        server: server,
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
    application.addServices(components.services + (configuration.runsWorker ? [components.worker] : []))
    return application
}

/// Sets how many connections a listening channel accepts before its event loop serves requests again.
private func accept(connectionsPerTurn: Int, on channel: any Channel, logger: Logger) async {
    do {
        try await channel.setOption(.maxMessagesPerRead, value: UInt(connectionsPerTurn)).get()
    } catch {
        logger.warning("setting the number of accepted connections failed", metadata: ["error": "\(error)"])
    }
}
