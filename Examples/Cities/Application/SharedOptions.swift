import ArgumentParser
import Logging

/// The options of servers and workers.
struct SharedOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The path of an SQLite database, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.",
            discussion: "The tables are created and filled if they do not exist."))
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

    @Option(help: "The number of items of a bulk operation that are written in one transaction.")
    var chunkItems = 10_000

    @Option(help: "The minimum log level: \(Self.logLevels).", transform: Self.logLevel)
    var logLevel = Logger.Level.info

    func validate() throws {
        guard cacheBytes > 0 else {
            throw ValidationError("--cache-bytes must be a number above 0, not \(cacheBytes)")
        }
        guard chunkItems > 0 else {
            throw ValidationError("--chunk-items must be a number above 0, not \(chunkItems)")
        }
        _ = try cacheLocation()
    }

    /// Returns the configuration that the options describe.
    ///
    /// - Throws: The error of an unusable location of the cache.
    func configuration() throws -> CitiesConfiguration {
        var configuration = CitiesConfiguration()
        configuration.database = DatabaseLocation(database)
        configuration.cache = try cacheLocation()
        configuration.cacheBytes = cacheBytes
        configuration.chunkItemCount = chunkItems
        configuration.logger.logLevel = logLevel
        return configuration
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

    private static let logLevels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    private static func logLevel(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("expected one of \(logLevels)")
        }
        return level
    }
}
