#if GRDB
import BulkOperations
import Foundation
import GRDB
import HTTPSemantics

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
        let request = try JSONDecoder().decode(OperationRequest.self, from: row["request"] as Data)
        guard let id = OperationID(row["id"] as String), let state = BulkOperation.State(rawValue: row["state"]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of bulk_operations is not valid")
        }
        operation = BulkOperation(
            id, request, state: state, createdAt: Timestamp(nanoseconds: row["created_at"]))
        operation.reason = (row["reason"] as String?).flatMap { BulkOperation.Reason(rawValue: $0) }
        operation.revision = row["revision"]
        operation.isRetrying = row["is_retrying"]
        operation.startedAt = (row["started_at"] as Int64?).map { Timestamp(nanoseconds: $0) }
        operation.finishedAt = (row["finished_at"] as Int64?).map { Timestamp(nanoseconds: $0) }
        operation.counts.total = row["total"]
        operation.counts.created = row["created"]
        operation.counts.updated = row["updated"]
        operation.counts.unchanged = row["unchanged"]
        operation.counts.deleted = row["deleted"]
        operation.counts.read = row["read"]
        operation.counts.failed = row["failed"]
    }
}

extension OperationRequest {
    /// The request as a value of the column.
    func stored() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
}
#endif
