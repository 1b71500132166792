#if PostgreSQL
extension Operation {
    /// Performs a request and waits for its result.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - isPooled: Whether the pool lends a connection for it.
    ///   - submit: Sends the operation.
    ///   - cancel: Cancels the operation, when the task is cancelled.
    /// - Returns: The result.
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task was cancelled and the operation did not succeed.
    static func perform(
        _ request: Request, isPooled: Bool = false, submit: (Operation) -> Void,
        cancel: @escaping @Sendable (Operation) -> Void
    ) async throws -> PostgreSQLResult {
        let box = OperationBox()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let operation = Operation(request, isPooled: isPooled, continuation)
                guard box.store(operation) else { return operation.finishCancelled() }
                submit(operation)
            }
        } onCancel: {
            guard let operation = box.cancel() else { return }
            operation.markCancelled()
            cancel(operation)
        }
    }

    /// Performs a request even if the task is cancelled.
    static func performUncancelled(_ request: Request, submit: (Operation) -> Void) async throws -> PostgreSQLResult {
        try await withCheckedThrowingContinuation { submit(Operation(request, isPooled: false, $0)) }
    }
}
#endif
