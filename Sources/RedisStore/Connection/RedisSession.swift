import DequeModule
import NIOCore

/// What a connection to a server goes through, as a state machine without sockets and clocks: the greeting, commands and their
/// replies in order, subscriptions, and the end.
///
/// `Token` stands for whoever waits for a reply.
struct RedisSession<Token> {
    /// What the connection begins with: the replies have to be no errors.
    let greeting: [RedisCommand]
    /// The largest number of commands that wait to be sent or answered.
    let limit: Int

    private enum State {
        /// The connection is being made. What is asked for meanwhile waits.
        case connecting
        /// The greeting was sent; so many replies are awaited.
        case greeting(awaited: Int)
        case ready
        case closed
    }

    private var state = State.connecting
    /// What has not been sent: after the end it may be sent on another connection.
    private var queue: Deque<(command: RedisCommand, token: Token)> = []
    /// Those whose commands were sent, in the order in which the replies come.
    private var awaiting: Deque<Token> = []

    /// Creates a session that is not connected yet.
    init(greeting: [RedisCommand], limit: Int) {
        self.greeting = greeting
        self.limit = limit
    }

    /// What is to be done with a command.
    enum SendAction {
        /// Write it now.
        case write
        /// It waits for the connection.
        case wait
        /// It is refused: too many wait already.
        case refuse
        /// The connection has ended.
        case closed
    }

    /// Takes a command.
    mutating func send(_ command: RedisCommand, for token: Token) -> SendAction {
        guard queue.count + awaiting.count < limit else { return .refuse }
        switch state {
        case .connecting, .greeting:
            queue.append((command, token))
            return .wait
        case .ready:
            awaiting.append(token)
            return .write
        case .closed:
            return .closed
        }
    }

    /// What is to be written when the connection is there.
    enum ConnectAction {
        /// The greeting.
        case greet([RedisCommand])
        /// There is none: all that waits.
        case write([RedisCommand])
        /// The session has ended meanwhile.
        case close
    }

    /// Takes note of the connection.
    mutating func connected() -> ConnectAction {
        guard case .connecting = state else { return .close }
        guard !greeting.isEmpty else {
            state = .ready
            return .write(sendQueue())
        }
        state = .greeting(awaited: greeting.count)
        return .greet(greeting)
    }

    /// What is to be done with what the server says.
    enum ReceiveAction {
        /// Give it to whoever waits.
        case reply(Token, RESPValue)
        /// A message of a channel.
        case message(channel: String, RESPValue)
        /// The greeting is over: write all that waits.
        case write([RedisCommand])
        /// Nothing.
        case none
        /// The connection is of no use: the server refuses the greeting, or says something that nobody asked for.
        case close(RedisError)
    }

    /// Takes a reply.
    mutating func received(_ value: RESPValue) -> ReceiveAction {
        switch state {
        case .greeting(let awaited):
            if case .error(let text) = value { return .close(.refused(text)) }
            guard awaited == 1 else {
                state = .greeting(awaited: awaited - 1)
                return .none
            }
            state = .ready
            return .write(sendQueue())
        case .ready:
            if let (channel, message) = value.message { return .message(channel: channel, message) }
            guard let token = awaiting.popFirst() else { return .close(.unexpectedReply) }
            return .reply(token, value)
        case .connecting, .closed:
            return .close(.unexpectedReply)
        }
    }

    /// Takes note of the end.
    ///
    /// - Returns: Those whose commands the server may have carried out, and those whose it has not.
    mutating func closed() -> (sent: [Token], unsent: [(command: RedisCommand, token: Token)]) {
        state = .closed
        defer {
            awaiting = []
            queue = []
        }
        return (Array(awaiting), Array(queue))
    }

    /// Whether anybody waits for a reply to what was sent.
    var isAwaiting: Bool { !awaiting.isEmpty }

    private mutating func sendQueue() -> [RedisCommand] {
        let commands = queue.map(\.command)
        awaiting.append(contentsOf: queue.map(\.token))
        queue = []
        return commands
    }
}

extension RESPValue {
    /// The channel and the content of a message that was published.
    fileprivate var message: (channel: String, content: RESPValue)? {
        guard case .array(let parts) = self, parts.count == 3, case .bytes(let kind) = parts[0],
            String(buffer: kind) == "message", case .bytes(let channel) = parts[1]
        else { return nil }
        return (String(buffer: channel), parts[2])
    }
}
