import Logging
import Repositories

/// A failure of a database that has been logged.
package struct DatabaseFailure: Error {
    /// Whether the same request can succeed when it is repeated.
    let isTransient: Bool

    /// Creates a failure.
    ///
    /// - Parameter error: What has been logged.
    package init(_ error: any Error) { isTransient = (error as? any TransientError)?.isTransient == true }
}

/// A repository that logs the failures of a database. Their text is not for clients.
struct LoggedRepository: RepositoryWrapper {
    let wrapped: any Repository
    private let logger: Logger

    init(_ base: any Repository, logger: Logger = Logger(label: "Resources")) {
        wrapped = base
        self.logger = logger
    }

    var fields: FieldSet { wrapped.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch { try await logging { try await wrapped.rows(query) } }

    func count(_ selection: Selection) async throws -> Int { try await logging { try await wrapped.count(selection) } }

    func apply(_ write: RowWrite) async throws -> WriteResult { try await logging { try await wrapped.apply(write) } }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await logging { try await wrapped.applyAll(selection, setting: row, limit: maximum) }
    }

    private func logging<Value>(_ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await operation()
        } catch let error where error is RepositoryError || error is SelectionError || error is CancellationError {
            throw error
        } catch {
            logger.error("database operation failed", metadata: ["table": "\(fields.table)", "error": "\(error)"])
            throw DatabaseFailure(error)
        }
    }
}
