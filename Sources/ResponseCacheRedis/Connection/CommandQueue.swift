import Synchronization

/// The commands on their way to the event loop of a connection, and the count of all that have no reply yet.
///
/// The first command that comes wakes the event loop, which takes all that have come meanwhile: so many tasks share one write.
final class CommandQueue: Sendable {
    private struct State {
        var commands: [PendingCommand] = []
        /// Those in `commands`, and those that the event loop has.
        var count = 0
        var isWakingUp = false
        /// Why nothing is taken; nil when the server answers, or nobody knows better.
        var refusal: RedisError?
    }

    private let limit: Int
    private let state = Mutex(State())

    private let refuses = Atomic(false)

    /// Whether commands are refused whatever their number.
    var isRefusing: Bool { refuses.load(ordering: .relaxed) }

    /// Creates an empty queue.
    ///
    /// - Parameter limit: How many commands may have no reply yet, whether they were sent or not.
    init(limit: Int) {
        self.limit = limit
    }

    /// What became of a command.
    enum Outcome: Hashable {
        /// It was taken.
        case taken
        /// It was taken, and the event loop has to be woken up.
        case takenFirst
        /// It was not taken.
        case refused(RedisError)
    }

    /// Takes a command.
    func append(_ command: PendingCommand) -> Outcome {
        state.withLock { state in
            if let refusal = state.refusal { return .refused(refusal) }
            guard state.count < limit else { return .refused(.queueFull) }
            state.count += 1
            state.commands.append(command)
            guard !state.isWakingUp else { return .taken }
            state.isWakingUp = true
            return .takenFirst
        }
    }

    /// How many have come.
    var waitingCount: Int { state.withLock { $0.commands.count } }

    /// Gives the event loop all that came.
    ///
    /// - Parameter commands: An empty array, whose memory is used for what comes next.
    func take(into commands: inout [PendingCommand]) {
        state.withLock { state in
            state.isWakingUp = false
            swap(&state.commands, &commands)
        }
    }

    /// Takes note that commands have their replies, or have failed.
    func finished(_ count: Int) {
        guard count > 0 else { return }
        state.withLock { $0.count -= count }
    }

    /// Refuses commands from now on, or takes them again.
    func refuse(with error: RedisError?) {
        state.withLock { state in
            // Nothing follows a shutdown.
            if state.refusal != .shutDown { state.refusal = error }
            refuses.store(state.refusal != nil, ordering: .relaxed)
        }
    }
}
