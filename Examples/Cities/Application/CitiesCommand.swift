import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The command line: reads the options and serves until it is told to stop.
@main
struct CitiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cities",
        abstract: "Serves an API over the cities of the world, with responses cached under composed keys."
    )

    @Option(help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 is any free port.")
    var port = 8080

    @Option(help: "The path of the SQLite database. It is made and filled when there is none.")
    var database = "cities.sqlite"

    @Option(
        help: ArgumentHelp(
            "Where responses are cached: memory, redis://HOST:PORT/DATABASE or tiered+redis://HOST:PORT/DATABASE.",
            discussion: """
                What is in a Redis server is for all instances; tiered+ puts the memory of each in front of it. Servers \
                may also be rediss://HOST, through TLS, and unix:///PATH, and redis://USER:PASSWORD@HOST asks to be let in.
                """
        )
    )
    var cache = "memory"

    @Option(help: "The number of bytes that the response cache may take in memory.")
    var cacheBytes = 64 << 20

    @Option(
        help: "The secret for /cache-administration, at least 16 characters; without it there is no administration."
    )
    var administrationSecret: String?

    @Option(help: "The least severe level that is logged: \(Self.logLevels).", transform: Self.logLevel)
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

    /// Where responses are cached.
    ///
    /// The value is read here and not while the command line is parsed: an error would be printed with the value then, and
    /// there may be a password in it.
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
        // Standard output is for the one line that tells where the server listens.
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var configuration = CitiesConfiguration(
            host: host, port: port, databasePath: database, cache: try cacheLocation(), cacheBytes: cacheBytes,
            administrationSecret: administrationSecret
        )
        configuration.logger.logLevel = logLevel
        let application = try await buildApplication(configuration) { channel in
            guard let port = channel.localAddress?.port else { return }
            let host = host.contains(":") ? "[\(host)]" : host
            // A file handle does not buffer, so whoever waits for the line gets it at once.
            FileHandle.standardOutput.write(Data("cities is listening on http://\(host):\(port)\n".utf8))
        }
        try await application.runService()
    }

    private static let logLevels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    private static func logLevel(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("it must be one of \(logLevels)")
        }
        return level
    }
}
