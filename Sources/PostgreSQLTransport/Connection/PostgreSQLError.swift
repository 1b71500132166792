#if PostgreSQL
/// The reason why a statement or a connection failed.
///
/// ``message`` and ``description`` contain no values of rows or parameters, no passwords and no URLs.
public struct PostgreSQLError: Error, Sendable, Hashable {
    /// The kind of an error.
    public enum Kind: Sendable, Hashable {
        /// The server rejected the statement.
        case server
        /// There is no connection, it was lost, or the server does not accept one at present. If a statement was sent, the server may have
        /// executed it.
        case unavailable
        /// A statement, a lock, a connection attempt or a wait for a connection exceeded its timeout.
        case timeout
        /// The client was shut down, or the connection was used after its closure had returned.
        case closed
        /// The server rejected the connection: a wrong password, an unknown database, a missing permission.
        case refused
    }

    /// The kind.
    public let kind: Kind
    /// The server's five-character code, such as `23505` for a unique violation; nil for errors of the client.
    public let sqlState: String?
    /// The description of the problem.
    public let message: String
    /// The server's details, which can contain values of the row: do not send them to clients or to logs.
    public let detail: String?
    /// The name of the violated constraint.
    public let constraint: String?
    /// The name of the table.
    public let table: String?
    /// The name of the column.
    public let column: String?
    /// Whether a connection was lost that had a statement, unlike one that could not be opened.
    package private(set) var isConnectionLost = false
    /// Whether the pool rejected the request, so that no statement was sent.
    var isFromPool = false

    init(
        _ kind: Kind, _ message: String, sqlState: String? = nil, details: PostgreSQLErrorDetails? = nil
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        detail = details?.detail
        constraint = details?.constraint
        table = details?.table
        column = details?.column
    }

    /// Returns the error of a connection that was lost or has no reply.
    static func lost(_ kind: Kind, _ message: String) -> PostgreSQLError {
        var error = PostgreSQLError(kind, message)
        error.isConnectionLost = true
        return error
    }

    /// Whether the same work can succeed when it is done again: there was no connection, or the transaction was aborted by a deadlock
    /// (40P01), a serialization failure (40001), a lock timeout (55P03), a shutdown or crash of the server (57P01 to 57P03), a
    /// connection limit (53300), or a pause of the client that was too long (25P03).
    ///
    /// False for a statement that exceeded its timeout, which is likely to do so again.
    public var isTransient: Bool {
        switch sqlState {
        case "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300": true
        case "57014": false
        default: kind == .unavailable || (kind == .timeout && sqlState == nil)
        }
    }
}

extension PostgreSQLError: CustomStringConvertible {
    /// A description for logs.
    public var description: String {
        if let sqlState { "\(message) (\(sqlState))" } else { message }
    }
}

/// The optional fields of an error of the server.
struct PostgreSQLErrorDetails: Sendable, Hashable {
    var detail: String?
    var constraint: String?
    var table: String?
    var column: String?
}
#endif
