import NIOCore

/// A command and the task that waits for its reply, which whoever has the command resumes exactly once.
///
/// The task waits until the reply or a failure comes, also when it is cancelled meanwhile: every command has an end within the
/// time-out.
struct PendingCommand: Sendable {
    let command: RedisCommand
    /// Whether it does no harm when the server carries the command out twice.
    let isRepeatable: Bool
    let continuation: UnsafeContinuation<RESPValue, any Error>
    /// When waiting ends, but for a second look. The event loop sets it when it gets the command.
    var deadline: NIODeadline = .distantFuture
    /// Whether it was sent before, on a connection that was lost.
    var isRepeated = false

    /// Ends the waiting with a reply.
    func complete(with value: RESPValue) {
        continuation.resume(returning: value)
    }

    /// Ends the waiting with a failure.
    func fail(_ error: RedisError) {
        continuation.resume(throwing: error)
    }
}
