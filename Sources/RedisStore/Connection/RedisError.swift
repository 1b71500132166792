/// Why a command has no reply.
public struct RedisError: Error, Hashable, CustomStringConvertible {
    private enum Reason: Hashable {
        case refused(String)
        case unexpectedReply
        case connectionLost
        case timedOut
        case queueFull
        case shutDown
    }

    private let reason: Reason

    /// The server refuses the connection, for the reason that it gives: a wrong password, for example.
    public static func refused(_ text: String) -> RedisError { RedisError(reason: .refused(text)) }
    /// The server said what nobody had asked for.
    public static let unexpectedReply = RedisError(reason: .unexpectedReply)
    /// The connection ended before the reply. The server may have carried the command out.
    public static let connectionLost = RedisError(reason: .connectionLost)
    /// The server did not reply in time. It may have carried the command out.
    public static let timedOut = RedisError(reason: .timedOut)
    /// Too many commands wait for the server.
    public static let queueFull = RedisError(reason: .queueFull)
    /// The client was shut down.
    public static let shutDown = RedisError(reason: .shutDown)

    /// What happened, for logs.
    public var description: String {
        switch reason {
        case .refused(let text): "the server refuses the connection: \(text)"
        case .unexpectedReply: "the server said what nobody had asked for"
        case .connectionLost: "the connection was lost"
        case .timedOut: "the server did not reply in time"
        case .queueFull: "too many commands wait for the server"
        case .shutDown: "the client was shut down"
        }
    }
}
