import Logging
import NIOCore

/// What the application has to be told before it starts.
struct CitiesConfiguration: Sendable {
    /// The name or address to listen on.
    var host = "127.0.0.1"
    /// The port to listen on; 0 is any free one.
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
    /// The time after which a connection is closed that sends nothing. A request whose handler runs has no such limit.
    ///
    /// It also bounds how long a client that has sent half of a request holds up the shutdown.
    var idleTimeout = TimeAmount.seconds(60)
    /// The path of the SQLite database, which is made and filled when there is none.
    var databasePath = "cities.sqlite"
    /// Where the cache keeps answers.
    var cache = CacheLocation.memory
    /// The number of bytes that the cache may take in memory.
    var cacheBytes = 64 << 20
    /// The secret of those who may administer the cache; nil for no administration.
    var administrationSecret: String?
    /// Where the application writes its log.
    var logger = Logger(label: "cities")
}
