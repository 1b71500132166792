#if PostgreSQL
import CPostgreSQL

extension PostgreSQLError {
    /// Creates the error of a result.
    init(_ handle: ResultHandle) {
        let state = handle.field("C")
        let primary =
            handle.field("M") ?? PQresultErrorMessage(handle.pointer).map { String(cString: $0) } ?? "unknown error"
        self.init(
            Self.kind(of: state), state.map { Self.withoutValues(primary, $0) } ?? primary, sqlState: state,
            details: PostgreSQLErrorDetails(
                detail: handle.field("D"), constraint: handle.field("n"), table: handle.field("t"),
                column: handle.field("c")))
    }

    /// The kind of a server's error (PostgreSQL documentation, appendix A).
    private static func kind(of sqlState: String?) -> Kind {
        switch sqlState {
        // query_canceled, which is the statement's timeout if the task was not cancelled; lock_not_available.
        case "57014", "55P03": .timeout
        // Shutdown, crash, start, and too many connections.
        // And an idle transaction that exceeded its timeout, which also ends the connection.
        case "57P01", "57P02", "57P03", "53300", "25P03": .unavailable
        case .some(let state) where state.hasPrefix("08"): .unavailable
        case .some(let state) where state.hasPrefix("28"): .refused
        default: .server
        }
    }

    /// Replaces the values that the messages of data exceptions quote, in the marks of the server's language.
    static func withoutValues(_ message: String, _ sqlState: String) -> String {
        guard sqlState.hasPrefix("22") else { return message }
        guard let start = message.firstIndex(where: quotationMarks.contains),
            let end = message.lastIndex(where: quotationMarks.contains), start < end
        else { return message }
        return message[...start] + "…" + message[end...]
    }

    private static let quotationMarks: Set<Character> = [
        "\"", "“", "”", "„", "‟", "«", "»", "‹", "›", "‘", "’", "‚", "「", "」", "『", "』", "`", "'",
    ]
}
#endif
