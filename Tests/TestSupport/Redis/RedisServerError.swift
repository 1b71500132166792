/// The reason why a server did not start or reply.
public struct RedisServerError: Error, CustomStringConvertible {
    /// The description, or the output of the server.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Whether the server did not start because its port is in use.
    var isPortTaken: Bool { description.contains("Address already in use") }
}
