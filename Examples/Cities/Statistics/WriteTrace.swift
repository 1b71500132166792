import GRDB
import Synchronization

/// The last statement with which a request changed a table, with its values in place of its parameters.
final class WriteTrace: Sendable {
    private struct State {
        var last = ""
        /// The number of requests that are writing.
        var recordingCount = 0
    }

    private let state = Mutex(State())

    /// The statement; empty before the first write.
    var last: String { state.withLock(\.last) }

    /// Records the statements of a write. Those of imports are too many to be recorded.
    func recording<Value>(_ write: () async throws -> Value) async rethrows -> Value {
        state.withLock { $0.recordingCount += 1 }
        defer { state.withLock { $0.recordingCount -= 1 } }
        return try await write()
    }

    /// Observes the statements of a connection.
    func observe(_ database: Database) {
        database.trace(options: .statement) { [self] event in
            guard case .statement(let statement) = event else { return }
            record(statement.sql) { statement.expandedSQL }
        }
    }

    /// Records a statement if it changes a table of the application for a request.
    ///
    /// - Parameters:
    ///   - sql: The statement, which is not asked for while no request writes: making its text takes as long as the statements of an import.
    ///   - text: Returns the text to record.
    func record(_ sql: @autoclosure () -> String, text: () -> String) {
        guard state.withLock({ $0.recordingCount > 0 }) else { return }
        let sql = sql()
        guard !sql.contains("bulk_"), ["INSERT", "UPDATE", "DELETE"].contains(where: { sql.contains($0) }) else {
            return
        }
        let text = text()
        state.withLock { $0.last = text }
    }
}
