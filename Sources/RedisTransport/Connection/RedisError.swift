/// The reason why a command failed.
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

    /// The connection failed, for the given reason.
    public static func unreachable(_ text: String) -> RedisError { RedisError(reason: .unreachable(text)) }
    /// The server rejected the handshake with the given error, such as a wrong password.
    public static func refused(_ text: String) -> RedisError { RedisError(reason: .refused(text)) }
    /// The server replied to the command with the given error: a code such as `OOM`, and a message.
    public static func command(_ text: String) -> RedisError { RedisError(reason: .command(text)) }
    /// The server sent an unexpected reply, or bytes that violate the protocol.
    public static let unexpectedReply = RedisError(reason: .unexpectedReply)
    /// The connection was lost before the reply arrived. The server may have executed the command.
    public static let connectionLost = RedisError(reason: .connectionLost)
    /// The reply did not arrive within the timeout. The server may have executed the command.
    public static let timedOut = RedisError(reason: .timedOut)
    /// The connection's command queue is full.
    public static let queueFull = RedisError(reason: .queueFull)
    /// The client was shut down.
    public static let shutDown = RedisError(reason: .shutDown)
    /// The URL requires TLS, and the package was built without the trait `RedisTLS`.
    public static let tlsMissing = RedisError(reason: .tlsMissing)

    /// The error code of a ``command(_:)`` error, such as `OOM` or `NOSCRIPT`; nil for other errors.
    public var code: Substring? {
        guard case .command(let text) = reason else { return nil }
        return Substring(text.utf8.prefix { $0 != UInt8(ascii: " ") })
    }
}

extension RedisError: CustomStringConvertible {
    /// A description for logs.
    public var description: String {
        switch reason {
        case .unreachable(let text): "connection failed: \(text)"
        case .refused(let text): "handshake rejected by server: \(text)"
        case .command(let text): "command failed: \(text)"
        case .unexpectedReply: "unexpected reply from server"
        case .connectionLost: "connection lost"
        case .timedOut: "command timed out"
        case .queueFull: "command queue is full"
        case .shutDown: "client is shut down"
        case .tlsMissing: "rediss:// requires the package trait RedisTLS"
        }
    }
}
