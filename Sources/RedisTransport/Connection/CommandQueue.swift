import Synchronization

/// The commands between the tasks that send them and the event loop of a connection, and the number of commands without a reply.
///
/// The first command wakes up the event loop, which dequeues all commands that have arrived by then. Many tasks share one write.
final class CommandQueue: Sendable {
    private struct State {
        var commands: [PendingCommand] = []
        /// The number of commands in `commands` and on the event loop.
        var count = 0
        var isWakingUp = false
        /// The error that rejects new commands, or nil to accept them.
        var refusal: RedisError?
    }

    private let limit: Int
    private let state = Mutex(State())

    private let refuses = Atomic(false)

    /// Whether all new commands are rejected.
    var isRefusing: Bool { refuses.load(ordering: .relaxed) }

    /// Creates an empty queue.
    ///
    /// - Parameter limit: The maximum number of commands without a reply, sent or not.
    init(limit: Int) {
        self.limit = limit
    }

    /// The result of enqueuing a command.
    enum Outcome: Hashable {
        /// The command was enqueued.
        case enqueued
        /// The command was enqueued, and the caller must wake up the event loop.
        case enqueuedFirst
        /// The command was rejected.
        case rejected(RedisError)
    }

    /// Enqueues a command.
    func append(_ command: PendingCommand) -> Outcome {
        state.withLock { state in
            if let refusal = state.refusal { return .rejected(refusal) }
            guard state.count < limit else { return .rejected(.queueFull) }
            state.count += 1
            state.commands.append(command)
            guard !state.isWakingUp else { return .enqueued }
            state.isWakingUp = true
            return .enqueuedFirst
        }
    }

    /// The number of commands that the event loop has not dequeued yet.
    var queuedCount: Int { state.withLock { $0.commands.count } }

    /// Dequeues all commands. Called on the event loop.
    ///
    /// - Parameter commands: An empty array, whose storage is reused for the next commands.
    func dequeueAll(into commands: inout [PendingCommand]) {
        state.withLock { state in
            state.isWakingUp = false
            swap(&state.commands, &commands)
        }
    }

    /// Records that dequeued commands have been completed or have failed.
    func completed(_ count: Int) {
        guard count > 0 else { return }
        state.withLock { $0.count -= count }
    }

    /// Rejects new commands with an error, or accepts them again if it is nil. A shutdown is final.
    func refuse(with error: RedisError?) {
        state.withLock { state in
            if state.refusal != .shutDown { state.refusal = error }
            refuses.store(state.refusal != nil, ordering: .relaxed)
        }
    }
}
