/// Suspends the task until its continuation is resumed, or until the task is cancelled.
///
/// - Parameters:
///   - add: Adds the continuation to the waiters, or returns a result instead.
///   - remove: Removes the continuation from the waiters and returns it; nil if it is not among them, because it was resumed or has
///     not been added yet.
/// - Returns: The value with which the continuation is resumed, or that of `add`.
/// - Throws: The error with which the continuation is resumed, that of `add`, and `CancellationError` if the task is cancelled while
///   it waits.
package func waitCancellably<Value: Sendable>(
    adding add: (CheckedContinuation<Value, any Error>) -> Result<Value, any Error>?,
    removing remove: @escaping @Sendable () -> CheckedContinuation<Value, any Error>?
) async throws -> Value {
    try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            if let result = add(continuation) { return continuation.resume(with: result) }
            // If the task was cancelled before this point, the cancellation handler found no waiter.
            if Task.isCancelled { remove()?.resume(throwing: CancellationError()) }
        }
    } onCancel: {
        remove()?.resume(throwing: CancellationError())
    }
}
