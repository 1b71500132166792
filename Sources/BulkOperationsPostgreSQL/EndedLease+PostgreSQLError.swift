#if PostgreSQL
import BulkOperations
import PostgreSQLTransport

extension EndedLease.Cause {
    /// Creates the cause that an error stands for.
    init(_ error: any Error) {
        guard let error = error as? PostgreSQLError else {
            self = .items
            return
        }
        self = error.sqlState.map { Self.cause(of: $0, error) } ?? Self.causeOfClientError(error)
    }

    private static func cause(of sqlState: String, _ error: PostgreSQLError) -> Self {
        switch sqlState {
        // A full disk, too many connections, the crash of another session, a start or shutdown, a dropped database, and a standby.
        case "53100", "53300", "57P02", "57P03", "57P04", "25006": .database
        // A statement that exceeds its timeout, the memory or the space for temporary files has too many items, as far as it is known, and
        // so has a worker that takes too long between two statements (25P03): half of them need less.
        case "57014", "53200", "53400", "25P03": .items
        // The server rejected the connection.
        case _ where error.kind == .refused: .database
        // A deadlock, a serialization failure, a lock that another session has.
        case _ where error.isTransient: .interruption
        // Connection exceptions, insufficient resources, operator intervention, and system errors.
        case let code where ["08", "53", "57", "58"].contains(code.prefix(2)): .interruption
        default: .items
        }
    }

    private static func causeOfClientError(_ error: PostgreSQLError) -> Self {
        switch error.kind {
        case .server: .items
        // A server without a reply to a statement, unlike one that does not accept connections, may have failed because of the statement.
        case _ where error.isConnectionLost: .interruption
        default: .database
        }
    }
}
#endif
