import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Carries out bulk operations until it is stopped.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Carries out bulk operations that servers on the same database accept.",
        discussion: """
            With a Redis server for --cache, which the servers use too, their cached responses are invalidated before a \
            chunk is done. Without it, they look for changes of other processes five times a second.
            """
    )

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let configuration = try shared.configuration()
        let components = try await CitiesComponents(configuration)
        let services = components.services + [components.worker]
        FileHandle.standardOutput.write(Data("cities worker is running\n".utf8))
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: configuration.logger)
        try await group.run()
    }
}
