#if GRDB
import BulkOperations
import GRDB

/// An operation as a row of the queue.
struct StoredOperation {
    /// The key of the row.
    let sequence: Int64
    var operation: BulkOperation

    /// Returns the operations that fulfill a condition.
    ///
    /// - Parameters:
    ///   - db: The connection.
    ///   - condition: The condition, with `?` for the arguments.
    ///   - arguments: The arguments of the condition.
    /// - Returns: The operations, in the order of the condition.
    /// - Throws: GRDB's errors, and an error for a row that is not valid.
    static func fetch(
        _ db: Database, where condition: String, arguments: StatementArguments
    ) throws -> [StoredOperation] {
        let retrying = """
            EXISTS (SELECT 1 FROM bulk_parts WHERE operation = sequence AND bulk_parts.state = 'ready' AND run_at > 0)
            """
        return try Row.fetchAll(
            db, sql: "SELECT *, \(retrying) AS is_retrying FROM bulk_operations WHERE \(condition)",
            arguments: arguments
        ).map(StoredOperation.init)
    }

    private init(_ row: Row) throws {
        sequence = row["sequence"]
        operation = try BulkOperation(stored: GRDBRow(row: row))
    }

    /// A row of GRDB with the names of the columns.
    private struct GRDBRow: StoredOperationRow {
        let row: Row

        func text(_ column: String) -> String? { row[column] }

        func integer(_ column: String) -> Int64? { row[column] }
    }
}
#endif
