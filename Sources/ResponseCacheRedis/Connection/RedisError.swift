/// Why a command has no reply.
public struct RedisError: Error, Hashable {
    private enum Reason: Hashable {
        case unreachable(String)
        case refused(String)
        case command(String)
        case unexpectedReply
        case connectionLost
        case timedOut
        case queueFull
        case shutDown
        case tlsMissing
    }

    private let reason: Reason

    /// No connection can be made, for the reason given.
    public static func unreachable(_ text: String) -> RedisError { RedisError(reason: .unreachable(text)) }
    /// The server refuses the connection, for the reason that it gives: a wrong password, for example.
    public static func refused(_ text: String) -> RedisError { RedisError(reason: .refused(text)) }
    /// The server refuses a command, for the reason that it gives: a word such as `OOM`, and an explanation.
    public static func command(_ text: String) -> RedisError { RedisError(reason: .command(text)) }
    /// The server said what nobody had asked for, or what is not the protocol.
    public static let unexpectedReply = RedisError(reason: .unexpectedReply)
    /// The connection ended before the reply. The server may have carried the command out.
    public static let connectionLost = RedisError(reason: .connectionLost)
    /// The server did not reply in time. It may have carried the command out.
    public static let timedOut = RedisError(reason: .timedOut)
    /// Too many commands wait for the server.
    public static let queueFull = RedisError(reason: .queueFull)
    /// The client was shut down.
    public static let shutDown = RedisError(reason: .shutDown)
    /// The URL asks for TLS, and the package was built without the trait `RedisTLS`.
    public static let tlsMissing = RedisError(reason: .tlsMissing)

    /// The first word of the server's reason for refusing a command: `OOM`, `NOSCRIPT`.
    var code: Substring? {
        guard case .command(let text) = reason else { return nil }
        return Substring(text.utf8.prefix { $0 != UInt8(ascii: " ") })
    }
}

extension RedisError: CustomStringConvertible {
    /// What happened, for logs.
    public var description: String {
        switch reason {
        case .unreachable(let text): "no connection can be made: \(text)"
        case .refused(let text): "the server refuses the connection: \(text)"
        case .command(let text): "the server refuses the command: \(text)"
        case .unexpectedReply: "the server said what nobody had asked for"
        case .connectionLost: "the connection was lost"
        case .timedOut: "the server did not reply in time"
        case .queueFull: "too many commands wait for the server"
        case .shutDown: "the client was shut down"
        case .tlsMissing: "rediss:// needs the package's trait RedisTLS"
        }
    }
}
