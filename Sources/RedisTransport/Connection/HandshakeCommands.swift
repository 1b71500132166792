import Synchronization

/// The commands that a client's users add to the handshake of each connection.
final class HandshakeCommands: Sendable {
    private let state = Mutex<[RedisCommand]>([])

    /// The commands in the order in which they were added, without duplicates.
    var all: [RedisCommand] { state.withLock { $0 } }

    /// Adds a command unless it has been added before.
    func add(_ command: RedisCommand) {
        state.withLock { commands in
            if !commands.contains(command) { commands.append(command) }
        }
    }
}
