/// Why there is no server, or no reply of one.
public struct RedisServerError: Error, CustomStringConvertible {
    /// What is wrong, or what the server printed.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Whether the server did not start because another one has its port.
    var isPortTaken: Bool { description.contains("Address already in use") }
}
