import Foundation
import HTTPSemantics

/// A row of the table `bulk_operations`.
package protocol StoredOperationRow {
    /// Returns the text of a column, or nil for NULL.
    func text(_ column: String) -> String?

    /// Returns the integer of a column, or nil for NULL.
    func integer(_ column: String) -> Int64?
}

/// The error for a row that the library has not written.
package struct InvalidStoredOperation: Error, CustomStringConvertible {
    /// Creates the error.
    package init() {}

    /// A message for logs.
    package var description: String { "a row of bulk_operations is not valid" }
}

extension BulkOperation {
    /// The columns of `bulk_operations` from which an operation is read. `is_retrying` is computed.
    package static let storedColumns = [
        "id", "request", "state", "reason", "revision", "is_retrying", "created_at", "started_at", "finished_at",
        "total", "created", "updated", "unchanged", "deleted", "read", "failed",
    ]

    /// Creates the operation of a row.
    ///
    /// - Throws: ``InvalidStoredOperation``, and `DecodingError` for a request that is not valid.
    package init(stored row: some StoredOperationRow) throws {
        guard let id = row.text("id").flatMap({ OperationID($0) }),
            let state = row.text("state").flatMap(BulkOperation.State.init(rawValue:)),
            let request = row.text("request"), let createdAt = row.integer("created_at")
        else { throw InvalidStoredOperation() }
        self.init(
            id, try JSONDecoder().decode(OperationRequest.self, from: Data(request.utf8)), state: state,
            createdAt: Timestamp(nanoseconds: createdAt))
        func count(_ column: String) -> Int { Int(row.integer(column) ?? 0) }
        reason = row.text("reason").flatMap { BulkOperation.Reason(rawValue: $0) }
        revision = count("revision")
        isRetrying = row.integer("is_retrying") == 1
        startedAt = row.integer("started_at").map { Timestamp(nanoseconds: $0) }
        finishedAt = row.integer("finished_at").map { Timestamp(nanoseconds: $0) }
        counts.total = count("total")
        counts.created = count("created")
        counts.updated = count("updated")
        counts.unchanged = count("unchanged")
        counts.deleted = count("deleted")
        counts.read = count("read")
        counts.failed = count("failed")
    }
}

extension OperationRequest {
    /// The request as a value of the column.
    ///
    /// - Throws: The errors of the encoder.
    package func stored() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
}
