import Synchronization

/// What the stores of a client want to be done at the beginning of each connection, before anything else.
final class SharedGreeting: Sendable {
    private let state = Mutex<[RedisCommand]>([])

    /// The commands, none twice.
    var commands: [RedisCommand] { state.withLock { $0 } }

    /// Adds a command, which no server may answer with an error.
    func add(_ command: RedisCommand) {
        state.withLock { commands in
            if !commands.contains(command) { commands.append(command) }
        }
    }
}
