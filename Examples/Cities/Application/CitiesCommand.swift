import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The command line: parses the options and serves until it is stopped.
@main
struct CitiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cities",
        abstract: "Serves an API over the cities of the world, with responses cached under composed keys."
    )

    @Option(help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 selects a free port.")
    var port = 8080

    @Option(help: "The path of the SQLite database. It is created and filled if it does not exist.")
    var database = "cities.sqlite"

    @Option(
        help: ArgumentHelp(
            "Where responses are cached: memory, redis://HOST:PORT/DATABASE or tiered+redis://HOST:PORT/DATABASE.",
            discussion: """
                All instances share a Redis server; tiered+ adds a memory tier in each. rediss://HOST uses TLS, \
                unix:///PATH a Unix domain socket, and redis://USER:PASSWORD@HOST authenticates.
                """
        )
    )
    var cache = "memory"

    @Option(help: "The number of bytes that the response cache may use in memory.")
    var cacheBytes = 64 << 20

    @Option(
        help: "The secret for /cache-administration, at least 16 characters. Without it the administration is disabled."
    )
    var administrationSecret: String?

    @Option(help: "The minimum log level: \(Self.logLevels).", transform: Self.logLevel)
    var logLevel = Logger.Level.info

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be a number from 0 to 65535, not \(port)")
        }
        guard cacheBytes > 0 else {
            throw ValidationError("--cache-bytes must be a number above 0, not \(cacheBytes)")
        }
        _ = try cacheLocation()
        try validateSecret()
    }

    /// The location of cached responses.
    ///
    /// The value is parsed here and not with the command line, whose errors contain the value, which may contain a
    /// password.
    private func cacheLocation() throws -> CacheLocation {
        do {
            return try CacheLocation(cache)
        } catch {
            throw ValidationError("--cache: \(error)")
        }
    }

    private func validateSecret() throws {
        guard let administrationSecret, administrationSecret.utf8.count < 16 else { return }
        throw ValidationError("--administration-secret must have at least 16 characters")
    }

    func run() async throws {
        // Standard output is for the line with the address of the server.
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var configuration = CitiesConfiguration(
            host: host, port: port, databasePath: database, cache: try cacheLocation(), cacheBytes: cacheBytes,
            administrationSecret: administrationSecret
        )
        configuration.logger.logLevel = logLevel
        let application = try await buildApplication(configuration) { channel in
            guard let port = channel.localAddress?.port else { return }
            let host = host.contains(":") ? "[\(host)]" : host
            // A file handle does not buffer, so a waiting script receives the line at once.
            FileHandle.standardOutput.write(Data("cities is listening on http://\(host):\(port)\n".utf8))
        }
        try await application.runService()
    }

    private static let logLevels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    private static func logLevel(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("expected one of \(logLevels)")
        }
        return level
    }
}
