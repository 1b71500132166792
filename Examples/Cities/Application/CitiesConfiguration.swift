import Logging

/// What the application has to be told before it starts.
struct CitiesConfiguration: Sendable {
    /// The name or address to listen on.
    var host = "127.0.0.1"
    /// The port to listen on; 0 is any free one.
    var port = 8080
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
