import Logging
import NIOCore

/// The configuration of the application.
struct CitiesConfiguration: Sendable {
    /// The name or address to listen on.
    var host = "127.0.0.1"
    /// The port to listen on; 0 selects a free port.
    var port = 8080
    /// The number of connections that the kernel holds until the server accepts them, limited by `net.core.somaxconn`.
    ///
    /// The kernel drops handshakes above it, and their clients repeat them after one second, then after two more. Hummingbird's
    /// default of 256 is too small for 1,000 clients that connect at once.
    var backlog = 4096
    /// The number of connections that the server accepts before their event loop serves requests again, at least 1.
    ///
    /// With SwiftNIO's default of 4, each four connections in the backlog wait until all accepted connections have been served
    /// once, which takes seconds while 1,000 clients connect and the first of them already send requests.
    var connectionsPerTurn = 1024
    /// The time after which an idle connection is closed. Running handlers have no such limit.
    ///
    /// It also bounds how long an incomplete request delays the shutdown.
    var idleTimeout = TimeAmount.seconds(60)
    /// The location of the database, which is created and filled if it does not exist.
    var database = DatabaseLocation.sqlite(path: "cities.sqlite")
    /// The location of cached responses.
    var cache = CacheLocation.memory
    /// The number of bytes that the cache may use in memory.
    var cacheBytes = 64 << 20
    /// The secret for administering the cache; nil disables the administration.
    var administrationSecret: String?
    /// Whether repeated requests for cached responses are answered in the channel, before the framework parses them.
    var answersHitsInChannel = true
    /// Whether the process carries out bulk operations.
    var runsWorker = true
    /// The number of items of a bulk operation that are written in one transaction.
    var chunkItemCount = 10_000
    /// The time after which a chunk of a worker that has stopped is carried out again.
    var leaseDuration = Duration.seconds(5)
    /// The logger of the application.
    var logger = Logger(label: "cities")
}
