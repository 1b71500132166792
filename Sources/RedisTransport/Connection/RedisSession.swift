import DequeModule
import NIOCore

/// The protocol of one connection as a state machine without sockets and clocks: handshake, pipelined commands and their replies,
/// published messages, and the end.
///
/// `Token` identifies a command and the task that waits for its reply.
struct RedisSession<Token> {
    /// The first commands on the connection. An error reply to any of them closes it.
    let handshake: [RedisCommand]
    /// Whether the handshake subscribes to channels.
    let isSubscriber: Bool

    private enum State {
        /// The channel is being opened. Commands are queued.
        case connecting
        /// The handshake was sent, and this many of its replies are outstanding.
        case handshaking(outstanding: Int)
        case ready
        case closed
    }

    private var state = State.connecting
    /// Commands that have not been sent. Another connection may send them when this one ends.
    private var queue: Deque<Token> = []
    /// Commands that have been sent, in the order of their replies.
    private var awaiting: Deque<Token> = []

    /// Creates a session that is not connected yet.
    init(handshake: [RedisCommand], isSubscriber: Bool = false) {
        precondition(!handshake.isEmpty, "the handshake must contain at least one command")
        self.handshake = handshake
        self.isSubscriber = isSubscriber
    }

    /// Whether the handshake is complete and the session has not ended.
    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    /// The oldest sent command without a reply.
    var oldestAwaiting: Token? { awaiting.first }
    /// The oldest command that has not been sent.
    var oldestQueued: Token? { queue.first }

    /// The action for a new command.
    enum SendAction: Hashable {
        /// Write the command now.
        case write
        /// The command is queued until the handshake is complete.
        case wait
        /// The session has ended.
        case closed
    }

    /// Adds a command.
    mutating func send(_ token: Token) -> SendAction {
        switch state {
        case .connecting, .handshaking:
            queue.append(token)
            return .wait
        case .ready:
            awaiting.append(token)
            return .write
        case .closed:
            return .closed
        }
    }

    /// Removes the oldest command that has not been sent.
    mutating func removeOldestQueued() -> Token? { queue.popFirst() }

    /// Starts the handshake on a connected channel.
    ///
    /// - Returns: The commands to write, or nil if the session has ended.
    mutating func connected() -> [RedisCommand]? {
        guard case .connecting = state else { return nil }
        state = .handshaking(outstanding: handshake.count)
        return handshake
    }

    /// The action for a received value.
    enum ReceiveAction {
        /// Complete a command.
        case reply(Token, RESPValue)
        /// Deliver a published message.
        case message(RESPValue)
        /// The handshake is complete: write the queued commands.
        case write([Token])
        /// Do nothing.
        case none
        /// Close the connection: the server rejected the handshake or sent an unexpected reply.
        case close(RedisError)
    }

    /// Processes a received value.
    mutating func received(_ value: RESPValue) -> ReceiveAction {
        switch state {
        case .handshaking(let outstanding):
            if case .error(let text) = value { return .close(.refused(text)) }
            guard outstanding == 1 else {
                state = .handshaking(outstanding: outstanding - 1)
                return .none
            }
            state = .ready
            return .write(sendQueue())
        case .ready:
            if isSubscriber, let message = value.message { return .message(message) }
            guard let token = awaiting.popFirst() else { return .close(.unexpectedReply) }
            return .reply(token, value)
        case .connecting, .closed:
            return .close(.unexpectedReply)
        }
    }

    /// Ends the session.
    ///
    /// - Returns: The commands that the server may have executed, and those that were never sent.
    mutating func closed() -> (sent: [Token], unsent: [Token]) {
        state = .closed
        defer {
            awaiting = []
            queue = []
        }
        // Converting an empty deque writes to the storage that all empty arrays share.
        return (awaiting.isEmpty ? [] : Array(awaiting), queue.isEmpty ? [] : Array(queue))
    }

    private mutating func sendQueue() -> [Token] {
        defer { queue = [] }
        awaiting.append(contentsOf: queue)
        return queue.isEmpty ? [] : Array(queue)
    }
}

extension RESPValue {
    /// The payload of a message that was published on a channel; nil for other values.
    fileprivate var message: RESPValue? {
        guard case .array(let parts) = self, parts.count == 3, case .bytes(let kind) = parts[0],
            kind.readableBytesView.elementsEqual("message".utf8)
        else { return nil }
        return parts[2]
    }
}
