import NIOCore

/// A command and the continuation of the task that sent it. The current owner of the command resumes it exactly once.
///
/// Cancelling the task does not resume it: every command completes or fails within the command timeout.
struct PendingCommand: Sendable {
    let command: RedisCommand
    /// Whether the server may execute the command twice without harm.
    let isIdempotent: Bool
    let continuation: UnsafeContinuation<RESPValue, any Error>
    /// The deadline for the reply, without the grace period. Set on the event loop when the command is dequeued.
    var deadline: NIODeadline = .distantFuture
    /// Whether the command was already sent on a connection that was lost.
    var isRetry = false

    /// Resumes the task with a reply.
    func complete(with value: RESPValue) {
        continuation.resume(returning: value)
    }

    /// Resumes the task with an error.
    func fail(_ error: RedisError) {
        continuation.resume(throwing: error)
    }
}
