import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Serves until it is stopped, and carries out bulk operations meanwhile.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the API. This is the default.")

    @Option(help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 selects a free port.")
    var port = 8080

    @OptionGroup var shared: SharedOptions

    @Option(
        help: "The secret for /cache-administration, at least 16 characters. Without it the administration is disabled."
    )
    var administrationSecret: String?

    @Flag(help: "Send every request through the framework, also repeated ones for cached responses.")
    var noChannelHits = false

    @Flag(help: "Leave bulk operations to processes of \"cities worker\" on the same database.")
    var noWorker = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be a number from 0 to 65535, not \(port)")
        }
        guard let administrationSecret, administrationSecret.utf8.count < 16 else { return }
        throw ValidationError("--administration-secret must have at least 16 characters")
    }

    func run() async throws {
        // Standard output is for the line with the address of the server.
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var configuration = try shared.configuration()
        configuration.host = host
        configuration.port = port
        configuration.administrationSecret = administrationSecret
        configuration.runsWorker = !noWorker
        configuration.answersHitsInChannel = !noChannelHits
        let application = try await buildApplication(configuration) { channel in
            guard let port = channel.localAddress?.port else { return }
            let host = host.contains(":") ? "[\(host)]" : host
            // A file handle does not buffer, so a waiting script receives the line at once.
            FileHandle.standardOutput.write(Data("cities is listening on http://\(host):\(port)\n".utf8))
        }
        try await application.runService()
    }
}
