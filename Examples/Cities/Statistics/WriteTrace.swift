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
            guard state.withLock({ $0.recordingCount > 0 }), case .statement(let statement) = event else { return }
            let isWrite = ["INSERT", "UPDATE", "DELETE"].contains { statement.sql.hasPrefix($0) }
            guard isWrite, !statement.sql.contains("bulk_") else { return }
            let text = statement.expandedSQL
            state.withLock { $0.last = text }
        }
    }
}
