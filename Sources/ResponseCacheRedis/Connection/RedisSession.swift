import DequeModule
import NIOCore

/// What a connection to a server goes through, as a state machine without sockets and clocks: the greeting, commands and their
/// replies in order, messages of a channel, and the end.
///
/// `Token` stands for a command and whoever waits for its reply.
struct RedisSession<Token> {
    /// What the connection begins with: the replies have to be no errors.
    let greeting: [RedisCommand]
    /// Whether the greeting subscribes to a channel.
    let isSubscriber: Bool

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
    private var queue: Deque<Token> = []
    /// Those whose commands were sent, in the order in which the replies come.
    private var awaiting: Deque<Token> = []

    /// Creates a session that is not connected yet.
    init(greeting: [RedisCommand], isSubscriber: Bool = false) {
        precondition(!greeting.isEmpty, "the greeting shows that the server answers")
        self.greeting = greeting
        self.isSubscriber = isSubscriber
    }

    /// Whether the greeting is over and the end has not come.
    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    /// The oldest command whose reply is awaited.
    var oldestAwaiting: Token? { awaiting.first }
    /// The oldest command that was not sent.
    var oldestWaiting: Token? { queue.first }

    /// What is to be done with a command.
    enum SendAction: Hashable {
        /// Write it now.
        case write
        /// It waits for the connection.
        case wait
        /// The connection has ended.
        case closed
    }

    /// Takes a command.
    mutating func send(_ token: Token) -> SendAction {
        switch state {
        case .connecting, .greeting:
            queue.append(token)
            return .wait
        case .ready:
            awaiting.append(token)
            return .write
        case .closed:
            return .closed
        }
    }

    /// Takes back the oldest command that was not sent.
    mutating func withdrawOldestWaiting() -> Token? { queue.popFirst() }

    /// Takes note of the connection.
    ///
    /// - Returns: What is to be written: the greeting; nil when the session has ended meanwhile.
    mutating func connected() -> [RedisCommand]? {
        guard case .connecting = state else { return nil }
        state = .greeting(awaited: greeting.count)
        return greeting
    }

    /// What is to be done with what the server says.
    enum ReceiveAction {
        /// Give it to whoever waits.
        case reply(Token, RESPValue)
        /// A message of the channel.
        case message(RESPValue)
        /// The greeting is over: write all that waits.
        case write([Token])
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
            if isSubscriber, let message = value.message { return .message(message) }
            guard let token = awaiting.popFirst() else { return .close(.unexpectedReply) }
            return .reply(token, value)
        case .connecting, .closed:
            return .close(.unexpectedReply)
        }
    }

    /// Takes note of the end.
    ///
    /// - Returns: Those whose commands the server may have carried out, and those whose it has not.
    mutating func closed() -> (sent: [Token], unsent: [Token]) {
        state = .closed
        defer {
            awaiting = []
            queue = []
        }
        // An empty deque makes an array by writing to the memory that all empty arrays share.
        return (awaiting.isEmpty ? [] : Array(awaiting), queue.isEmpty ? [] : Array(queue))
    }

    private mutating func sendQueue() -> [Token] {
        defer { queue = [] }
        awaiting.append(contentsOf: queue)
        return queue.isEmpty ? [] : Array(queue)
    }
}

extension RESPValue {
    /// The content of a message that was published on a channel.
    fileprivate var message: RESPValue? {
        guard case .array(let parts) = self, parts.count == 3, case .bytes(let kind) = parts[0],
            kind.readableBytesView.elementsEqual("message".utf8)
        else { return nil }
        return parts[2]
    }
}
