import Synchronization

/// Runs an operation with a time limit. Unlike a task group it does not wait for a cancelled operation to end.
package final class Race<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var result: Result<Value, any Error>?
    }

    private let operation: @Sendable () async throws -> Value
    private let state = Mutex(State())

    package init(_ operation: @escaping @Sendable () async throws -> Value) {
        self.operation = operation
    }

    /// Runs the operation.
    ///
    /// - Returns: The result of the operation.
    /// - Throws: The error of the operation, `StoreFailure.timedOut` after the limit, and `CancellationError` when the caller is
    ///   cancelled.
    package func first(within limit: Duration, of clock: any Clock<Duration>) async throws -> Value {
        let operation = operation
        let work = Task {
            do {
                end(with: .success(try await operation()))
            } catch {
                end(with: .failure(error))
            }
        }
        let timer = Task {
            guard (try? await clock.sleep(for: limit)) != nil else { return }
            end(with: .failure(StoreFailure.timedOut(limit)))
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.continuation = continuation }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            end(with: .failure(CancellationError()))
        }
    }

    private func end(with result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }
}
