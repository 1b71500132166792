#if PostgreSQL
import NIOCore
import Synchronization

/// Work of a connection, which a task waits for: one statement, a script, or a COPY.
final class Operation: Sendable {
    /// What is sent to the server.
    enum Request: Sendable {
        case statement(String, StatementParameters)
        case script(String)
        case copy(String, ByteBuffer)

        var text: String {
            switch self {
            case .statement(let text, _), .script(let text), .copy(let text, _): text
            }
        }
    }

    let request: Request
    /// Whether the pool lends the connection for this operation only.
    let isPooled: Bool
    private let continuation: CheckedContinuation<PostgreSQLResult, any Error>
    private let cancelled = Atomic(false)

    init(_ request: Request, isPooled: Bool, _ continuation: CheckedContinuation<PostgreSQLResult, any Error>) {
        self.request = request
        self.isPooled = isPooled
        self.continuation = continuation
    }

    /// Whether the task was cancelled.
    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Records that the task was cancelled.
    func markCancelled() { cancelled.store(true, ordering: .releasing) }

    /// Resumes the task. Must be called once.
    func finish(_ result: Result<PostgreSQLResult, PostgreSQLError>) {
        switch result {
        case .success(let value): continuation.resume(returning: value)
        // The server's report that a statement was cancelled.
        case .failure(let error) where isCancelled && error.sqlState == "57014":
            continuation.resume(throwing: CancellationError())
        case .failure(let error): continuation.resume(throwing: error)
        }
    }

    /// Resumes the task of an operation that was not sent, because the task was cancelled.
    func finishCancelled() { continuation.resume(throwing: CancellationError()) }
}

/// Hands an operation from the task that waits for it to the handler of the task's cancellation.
final class OperationBox: Sendable {
    private struct State {
        var operation: Operation?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Stores the operation.
    ///
    /// - Returns: False if the task was cancelled before.
    func store(_ operation: Operation) -> Bool {
        state.withLock { state in
            state.operation = operation
            return !state.isCancelled
        }
    }

    /// Records the cancellation.
    ///
    /// - Returns: The operation, if it is stored already.
    func cancel() -> Operation? {
        state.withLock { state in
            state.isCancelled = true
            return state.operation
        }
    }
}
#endif
