/// What is wrong in the URL of a server. It never holds what the URL has: there may be a password in it.
public enum RedisURLError: Error, Hashable, CustomStringConvertible {
    /// The scheme is missing, or none of those that are known.
    case scheme
    /// There is no host.
    case host
    /// The port is no number from 1 to 65535.
    case port
    /// The database is no number.
    case database
    /// A path to a socket is missing.
    case socket
    /// The URL of a host has no query and no fragment.
    case query
    /// There is a user and no password.
    case password
    /// The path of the socket has so many bytes, which is more than the system's addresses hold.
    case socketLength(Int)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .scheme: "the scheme is redis, rediss or unix: redis://host:6379/0"
        case .host: "the host is missing: redis://host:6379/0"
        case .port: "the port is a number from 1 to 65535: redis://host:6379/0"
        case .database: "the database is a number: redis://host:6379/0 or unix:///run/redis.sock?db=0"
        case .socket: "the path of the socket is missing: unix:///run/redis.sock"
        case .query: "there is no query after a host: redis://host:6379/0"
        case .password: "a user has a password, which may be empty: redis://user:password@host:6379/0"
        case .socketLength(let count):
            "the path of the socket has \(count) bytes, and a socket's address holds \(RedisEndpoint.socketPathLimit)"
        }
    }
}
