import GRDB
import Synchronization

/// The last statement that changed a table, with its values in place of its parameters.
final class WriteTrace: Sendable {
    private let statement = Mutex("")

    /// The statement; empty before the first write.
    var last: String { statement.withLock { $0 } }

    /// Records the writes of a connection.
    func observe(_ database: Database) {
        database.trace(options: .statement) { event in
            guard case .statement(let statement) = event else { return }
            let isWrite = ["INSERT", "UPDATE", "DELETE"].contains { statement.sql.hasPrefix($0) }
            if isWrite { self.statement.withLock { $0 = statement.expandedSQL } }
        }
    }
}
