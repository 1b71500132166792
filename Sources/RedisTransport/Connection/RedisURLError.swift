/// An invalid URL of a server. Errors never contain parts of the URL, which may include a password.
public enum RedisURLError: Error, Hashable, CustomStringConvertible {
    /// The scheme is missing or unknown.
    case scheme
    /// The host is missing.
    case host
    /// The port is not a number from 1 to 65535.
    case port
    /// The database is not a number.
    case database
    /// The path of the socket is missing.
    case socket
    /// A URL with a host has a query or a fragment.
    case query
    /// A user is given without a password.
    case password
    /// The path of the socket, whose length in bytes is given, exceeds the limit of the operating system.
    case socketLength(Int)

    /// The problem and the expected form.
    public var description: String {
        switch self {
        case .scheme: "unknown scheme; expected redis, rediss or unix, as in redis://host:6379/0"
        case .host: "missing host; expected redis://host:6379/0"
        case .port: "invalid port; expected a number from 1 to 65535, as in redis://host:6379/0"
        case .database: "invalid database; expected a number, as in redis://host:6379/0 or unix:///run/redis.sock?db=0"
        case .socket: "missing socket path; expected unix:///run/redis.sock"
        case .query: "unexpected query or fragment; expected redis://host:6379/0"
        case .password: "missing password; expected redis://user:password@host:6379/0 (the password may be empty)"
        case .socketLength(let count):
            "socket path is too long: \(count) bytes; the limit is \(RedisEndpoint.socketPathLimit) bytes"
        }
    }
}
