import Synchronization

/// Runs an operation and stops waiting for it after a timeout.
///
/// Unlike a task group, this function does not wait for the operation after the timeout or after a cancellation: it cancels the
/// operation's task and returns, so an operation that ignores cancellation cannot hold up the caller.
///
/// - Parameters:
///   - timeout: How long to wait.
///   - clock: The clock that measures the timeout.
///   - error: The error that is thrown after the timeout.
///   - operation: The operation, which runs in a task of its own.
/// - Returns: The result of the operation.
/// - Throws: Any error of the operation, `error` after the timeout, and `CancellationError` when the calling task is cancelled.
package func withTimeout<Value: Sendable>(
    _ timeout: Duration, clock: any Clock<Duration>, throwing error: any Error,
    operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let outcome = FirstOutcome<Value>()
    let work = Task {
        do {
            outcome.resolve(with: .success(try await operation()))
        } catch {
            outcome.resolve(with: .failure(error))
        }
    }
    let timer = Task {
        guard (try? await clock.sleep(for: timeout)) != nil else { return }
        outcome.resolve(with: .failure(error))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await outcome.value
    } onCancel: {
        outcome.resolve(with: .failure(CancellationError()))
    }
}

/// A result that several tasks compete to produce. The first one counts.
private final class FirstOutcome<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var result: Result<Value, any Error>?
    }

    private let state = Mutex(State())

    /// The first result. Only one task may wait for it.
    var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.continuation = continuation }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }

    /// Sets the result unless there is one.
    func resolve(with result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }
}
