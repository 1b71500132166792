#if PostgreSQL
import BulkOperations
import PostgreSQLTransport

/// An operation as a row of the queue.
struct StoredOperation {
    /// The key of the row.
    let sequence: Int64
    var operation: BulkOperation

    /// Returns the statement that reads operations.
    static func selecting(where condition: String) -> String {
        """
        SELECT sequence, \(columns) FROM bulk_operations WHERE \(condition)
        """
    }

    private static let columns = BulkOperation.storedColumns.map { column in
        guard column == "is_retrying" else { return column }
        return """
            (EXISTS (SELECT 1 FROM bulk_parts WHERE operation = sequence AND bulk_parts.state = 'ready'
            AND run_at > 0))::int
            """
    }.joined(separator: ", ")

    /// Returns the operations that fulfill a condition, in its order.
    ///
    /// - Throws: `PostgreSQLError`, and an error for a row that is not valid.
    static func fetch(
        _ connection: PostgreSQLConnection, where condition: String, _ parameters: [PostgreSQLValue]
    ) async throws -> [StoredOperation] {
        try read(try await connection.execute(selecting(where: condition), parameters))
    }

    /// Returns the operations in the result of ``selecting(where:)``.
    ///
    /// - Throws: An error for a row that is not valid.
    static func read(_ result: PostgreSQLResult) throws -> [StoredOperation] {
        try (0..<result.rowCount).map { row in
            guard let sequence = result.integer(row, 0) else { throw InvalidStoredOperation() }
            return StoredOperation(
                sequence: sequence, operation: try BulkOperation(stored: OperationRow(result: result, row: row)))
        }
    }

    /// A row of the result with the names of the columns.
    private struct OperationRow: StoredOperationRow {
        let result: PostgreSQLResult
        let row: Int

        private func index(of column: String) -> Int {
            // The first column is the key.
            (BulkOperation.storedColumns.firstIndex(of: column) ?? -1) + 1
        }

        func text(_ column: String) -> String? { result.text(row, index(of: column)) }

        func integer(_ column: String) -> Int64? { result.integer(row, index(of: column)) }
    }
}
#endif
