import NIOCore

/// One connection to a server, for commands of any task, which is made when it is needed and made anew when it is lost.
final class RedisConnection: Sendable {
    /// Where the connection lives.
    let eventLoop: any EventLoop
    private let queue: CommandQueue
    private let link: NIOLoopBoundBox<RedisLink>

    /// Creates a connection that is made when the first command comes.
    ///
    /// - Parameters:
    ///   - connector: Makes it.
    ///   - eventLoop: Where it lives.
    ///   - observer: Is told of what is published, if the connection is to subscribe to a channel.
    ///   - onHang: Is told that the server left a command without a reply.
    init(
        _ connector: RedisConnector, on eventLoop: any EventLoop, observer: LinkObserver? = nil,
        onHang: @escaping @Sendable () -> Void
    ) {
        self.eventLoop = eventLoop
        let queue = CommandQueue(limit: connector.settings.queueLimit)
        self.queue = queue
        link = .makeBoxSendingValue(
            RedisLink(connector, on: eventLoop, queue: queue, observer: observer, onHang: onHang), eventLoop: eventLoop)
    }

    deinit {
        // Whoever let go of it may have forgotten to shut it down.
        let link = link
        eventLoop.execute { link.value.shutDown(nil) }
    }

    /// Sends a command.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isRepeatable: Whether it does no harm when the server carries it out twice.
    /// - Returns: The reply.
    /// - Throws: ``RedisError``, for an error of the server too.
    func send(_ command: RedisCommand, isRepeatable: Bool) async throws -> RESPValue {
        let value = try await withUnsafeThrowingContinuation { continuation in
            let pending = PendingCommand(command: command, isRepeatable: isRepeatable, continuation: continuation)
            switch queue.append(pending) {
            case .taken: break
            // A task on the event loop is not made to wait for its next turn.
            case .takenFirst where eventLoop.inEventLoop: link.value.flush()
            case .takenFirst: eventLoop.execute { [link] in link.value.flush() }
            case .refused(let error): pending.fail(error)
            }
        }
        if case .error(let text) = value { throw RedisError.command(text) }
        return value
    }

    /// Whether the server is left alone because it failed.
    var isRefusing: Bool { queue.isRefusing }

    /// Makes the connection now.
    func connect() {
        eventLoop.execute { [link] in link.value.connect() }
    }

    /// Leaves the server alone until it has answered a new greeting.
    func suspect() {
        eventLoop.execute { [link] in link.value.suspect() }
    }

    /// Refuses commands from now on, and returns when those that were sent have their replies.
    func shutDown() async {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { [link] in link.value.shutDown(promise) }
        // Nothing fails it.
        try? await promise.futureResult.get()
    }
}
