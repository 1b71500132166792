import NIOCore

/// One pipelined connection to a server. It connects on first use and reconnects after a loss.
final class RedisConnection: Sendable {
    /// The event loop of the connection.
    let eventLoop: any EventLoop
    private let queue: CommandQueue
    private let link: NIOLoopBoundBox<RedisLink>

    /// Creates a connection, which connects when the first command is sent.
    ///
    /// - Parameters:
    ///   - connector: Opens the channel.
    ///   - eventLoop: The event loop of the connection.
    ///   - subscription: The channels to subscribe to after the handshake, if any.
    ///   - onTimeout: Called when a command has timed out.
    init(
        _ connector: RedisConnector, on eventLoop: any EventLoop, subscription: ChannelSubscription? = nil,
        onTimeout: @escaping @Sendable () -> Void
    ) {
        self.eventLoop = eventLoop
        let queue = CommandQueue(limit: connector.settings.queueLimit)
        self.queue = queue
        link = .makeBoxSendingValue(
            RedisLink(connector, on: eventLoop, queue: queue, subscription: subscription, onTimeout: onTimeout),
            eventLoop: eventLoop)
    }

    deinit {
        // The owner may have released the connection without shutting it down.
        let link = link
        eventLoop.execute { link.value.shutDown(nil) }
    }

    /// Sends a command and waits for its reply.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isIdempotent: Whether the server may execute the command twice without harm.
    /// - Returns: The reply.
    /// - Throws: ``RedisError``, including error replies of the server.
    func send(_ command: RedisCommand, isIdempotent: Bool) async throws -> RESPValue {
        let value = try await withUnsafeThrowingContinuation { continuation in
            let pending = PendingCommand(command: command, isIdempotent: isIdempotent, continuation: continuation)
            switch queue.append(pending) {
            case .enqueued: break
            // A task on the event loop writes in the current tick.
            case .enqueuedFirst where eventLoop.inEventLoop: link.value.flush()
            case .enqueuedFirst: eventLoop.execute { [link] in link.value.flush() }
            case .rejected(let error): pending.fail(error)
            }
        }
        if case .error(let text) = value { throw RedisError.command(text) }
        return value
    }

    /// Whether new commands are rejected because the connection is backing off or shut down.
    var isRefusing: Bool { queue.isRefusing }

    /// Connects, if there is no connection.
    func connect() {
        eventLoop.execute { [link] in link.value.connect() }
    }

    /// Closes the connection, rejects commands, and reconnects after a delay.
    func backOff() {
        eventLoop.execute { [link] in link.value.backOff() }
    }

    /// Rejects new commands and closes the connection when all commands sent before have completed.
    func shutDown() async {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { [link] in link.value.shutDown(promise) }
        // The promise never fails.
        try? await promise.futureResult.get()
    }
}
