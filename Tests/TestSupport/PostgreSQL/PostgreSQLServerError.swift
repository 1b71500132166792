/// The reason why a PostgreSQL server did not start, or why SQL failed.
public struct PostgreSQLServerError: Error, CustomStringConvertible {
    /// The description, or the output of the program.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Whether the server did not start because its port is in use.
    var isPortTaken: Bool { description.contains("Address already in use") }
}
