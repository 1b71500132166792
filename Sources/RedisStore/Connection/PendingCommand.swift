import NIOCore
import Synchronization

/// A command and whoever waits for its reply, who is told once: by the reply, by a failure, or by the end of the task.
final class PendingCommand: Sendable {
    // Continuations are resumed once because a state is left once, under the lock.
    private enum State {
        case new
        case waiting(UnsafeContinuation<RESPValue, any Error>)
        case done(Result<RESPValue, any Error>)
    }

    let command: RedisCommand
    /// Whether it does no harm when the server carries the command out twice.
    let isRepeatable: Bool
    /// When waiting ends.
    let deadline: NIODeadline

    private let state = Mutex(State.new)

    init(_ command: RedisCommand, isRepeatable: Bool, deadline: NIODeadline) {
        self.command = command
        self.isRepeatable = isRepeatable
        self.deadline = deadline
    }

    /// Waits for the reply. To be called once.
    ///
    /// - Throws: ``RedisError``, or `CancellationError` when the task is cancelled.
    func value() async throws -> RESPValue {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<RESPValue, any Error>? in
                    if case .done(let result) = state { return result }
                    state = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            complete(with: .failure(CancellationError()))
        }
    }

    /// Ends the waiting, unless it has ended.
    func complete(with result: Result<RESPValue, any Error>) {
        let continuation = state.withLock { state -> UnsafeContinuation<RESPValue, any Error>? in
            switch state {
            case .new:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(result)
                return continuation
            case .done: return nil
            }
        }
        continuation?.resume(with: result)
    }

    /// Whether nobody waits any more.
    var isDone: Bool {
        state.withLock { if case .done = $0 { true } else { false } }
    }
}
