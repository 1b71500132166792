#if PostgreSQL
public import NIOCore

/// A connection of the pool, valid inside the closure that received it only.
///
/// Statements of several tasks are executed one after another. After the closure has returned, statements fail with
/// ``PostgreSQLError/Kind/closed``.
///
/// Changes of the session outlive the closure: use `SET LOCAL` in a transaction instead of `SET`, no `LISTEN`, and no temporary tables or
/// advisory locks that outlive a transaction.
public struct PostgreSQLConnection: Sendable {
    let link: Link
    private let loan: UInt64
    private let observer: PostgreSQLObserver

    init(_ link: Link, _ observer: PostgreSQLObserver) {
        self.link = link
        self.observer = observer
        loan = link.loan
    }

    /// Executes one statement.
    ///
    /// The statement is prepared when the connection executes the same text a second time. If the task is cancelled, the server's
    /// statement is cancelled, and the function returns when it has ended.
    ///
    /// - Parameters:
    ///   - text: The statement, with the parameters `$1`, `$2` and so on.
    ///   - parameters: The values of the parameters.
    /// - Returns: The result.
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task was cancelled.
    public func execute(_ text: String, _ parameters: [PostgreSQLValue] = []) async throws -> PostgreSQLResult {
        try await perform(.statement(text, StatementParameters(parameters)))
    }

    /// Executes several statements without parameters, separated by semicolons.
    ///
    /// Outside a transaction, PostgreSQL executes them in one transaction unless they contain their own.
    ///
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task was cancelled.
    public func executeScript(_ text: String) async throws {
        _ = try await perform(.script(text))
    }

    /// Runs a closure in a savepoint of the current transaction: `ROLLBACK TO` if it throws, even if the task is cancelled.
    ///
    /// - Returns: The result of the closure.
    /// - Throws: Any error of the closure, and ``PostgreSQLError``.
    public func withSavepoint<Value>(_ body: () async throws -> Value) async throws -> Value {
        // Inner savepoints hide outer ones of the same name until they end.
        _ = try await perform(.script("SAVEPOINT swift_savepoint"))
        do {
            let value = try await body()
            _ = try await performUncancelled("RELEASE SAVEPOINT swift_savepoint")
            return value
        } catch {
            // If this fails, the transaction is unusable, which its next statement reports.
            _ = try? await performUncancelled(
                "ROLLBACK TO SAVEPOINT swift_savepoint; RELEASE SAVEPOINT swift_savepoint")
            throw error
        }
    }

    /// Executes a `COPY … FROM STDIN`.
    ///
    /// - Parameters:
    ///   - text: The statement.
    ///   - bytes: The rows in the format of the statement.
    /// - Returns: The number of rows.
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task was cancelled.
    public func copyIn(_ text: String, _ bytes: ByteBuffer) async throws -> Int {
        try await perform(.copy(text, bytes)).changedCount
    }

    /// Executes a command of a transaction, even if the task is cancelled.
    func performUncancelled(_ text: String) async throws -> PostgreSQLResult {
        try await observer.measure(text) {
            try await Operation.performUncancelled(.script(text)) { link.submit($0, loan: loan) }
        }
    }

    private func perform(_ request: Operation.Request) async throws -> PostgreSQLResult {
        try await observer.measure(request.text) {
            try await Operation.perform(
                request, submit: { link.submit($0, loan: loan) }, cancel: { [link] in link.cancel($0) })
        }
    }
}
#endif
