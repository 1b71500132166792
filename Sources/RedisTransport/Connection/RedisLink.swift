import ConcurrencySupport
import Logging
import NIOCore

/// The part of a connection that is confined to its event loop: it connects, writes commands, dispatches replies and reconnects.
///
/// A connection that is lost after its handshake is reopened at once, and its idempotent commands are sent again, once. If a handshake
/// fails or a command times out, the link backs off: it rejects commands until a handshake has succeeded, so no task waits for a
/// server that is known to fail.
///
/// This file has the state and the path of commands. `RedisLink+Connection` opens and closes channels, and `RedisLink+Failure` has
/// timeouts, backoff and the shutdown.
final class RedisLink {
    enum Phase {
        /// There is no channel. The next command opens one.
        case idle
        /// A channel is open or being opened.
        case active
        /// The server failed. The timer ends the delay before the next attempt.
        case backingOff(Scheduled<Void>, RedisError)
        /// The client was shut down.
        case ended
    }

    let eventLoop: any EventLoop
    /// The jobs of tasks on the event loop.
    let jobs: EventLoopJobs
    let connector: RedisConnector
    let queue: CommandQueue
    /// The channels to subscribe to, if any.
    let subscription: ChannelSubscription?
    /// Called when a command has timed out, which concerns all connections to the server.
    let onTimeout: @Sendable () -> Void
    private let timeout: TimeAmount
    let deadlineGracePeriod: TimeAmount
    let idleTimeout: TimeAmount

    var phase = Phase.idle
    var session: RedisSession<PendingCommand>
    var channel: (any Channel)?
    /// The number of the current connection. Events of earlier ones are ignored.
    var number = 0
    var backoff: Backoff
    /// The end of the current connection's handshake.
    var readySince = NIODeadline.now()
    /// Whether the server has failed, and no handshake has succeeded since.
    var isFailing = false
    /// Whether the current connection has received a reply or a message after the handshake.
    var hasReplied = false
    /// The number of replies in the current batch.
    var replyCount = 0
    /// The number of replies in the previous batch.
    var expectedCount = 1
    /// The time at which commands were last sent or a message was last received.
    var lastUse = NIODeadline.now()
    var connectTimer: Scheduled<Void>?
    var idleTimer: Scheduled<Void>?
    var hasDeadlineTimer = false
    var endPromises: [EventLoopPromise<Void>] = []
    var isShuttingDown = false

    /// The buffer that commands are encoded into. Its storage is reused once the channel has released it.
    private var output = ByteBuffer()
    /// An empty array whose storage is reused for the next commands.
    private var spare: [PendingCommand] = []

    /// The maximum capacity of `output` that is kept: enough for a large batch.
    private static let keptByteCount = 1 << 16

    init(
        _ connector: RedisConnector, on eventLoop: any EventLoop, queue: CommandQueue,
        subscription: ChannelSubscription?, onTimeout: @escaping @Sendable () -> Void
    ) {
        self.connector = connector
        self.eventLoop = eventLoop
        jobs = .of(eventLoop)
        self.queue = queue
        self.subscription = subscription
        self.onTimeout = onTimeout
        backoff = Backoff(base: connector.settings.reconnectDelay, limit: connector.settings.maximumReconnectDelay)
        session = RedisSession(handshake: connector.handshake)
        deadlineGracePeriod = TimeAmount(connector.settings.deadlineGracePeriod)
        timeout = TimeAmount(connector.settings.replyTimeout) - deadlineGracePeriod
        idleTimeout = TimeAmount(connector.settings.idleTimeout)
    }

    /// Sends the queued commands once there are as many as in the previous batch, or no more arrive.
    ///
    /// Tasks that received their replies together tend to send their next commands at about the same time. A command that is written
    /// alone costs both sides several times as much as one in a batch.
    func flush(after seenCount: Int = 0) {
        let count = queue.queuedCount
        guard count < expectedCount, count > seenCount else { return flushNow() }
        eventLoop.assumeIsolated().execute { [self] in flush(after: count) }
    }

    /// Sends the queued commands, or fails them if the link is backing off or has ended.
    func flushNow() {
        // The calls below may reenter this function, which then starts with an empty array.
        var commands = spare
        spare = []
        queue.dequeueAll(into: &commands)
        defer {
            commands.removeAll(keepingCapacity: true)
            spare = commands
        }
        guard !commands.isEmpty else { return }
        switch phase {
        case .ended: return fail(commands, .shutDown)
        case .backingOff(_, let error): return fail(commands, error)
        case .idle: connect()
        case .active: break
        }
        lastUse = .now()
        let deadline = lastUse + timeout
        for index in commands.indices { commands[index].deadline = deadline }
        submit(commands)
    }

    /// Adds commands to the session and writes those that it does not queue.
    func submit(_ commands: [PendingCommand]) {
        var buffer = takeOutput()
        for command in commands {
            switch session.send(command) {
            case .write: command.command.write(to: &buffer)
            case .wait: break
            case .closed: fail([command], failure)
            }
        }
        write(buffer)
        armDeadlineTimer()
    }

    /// The reason why there is no channel. Connecting to a Unix domain socket can fail before the call returns.
    private var failure: RedisError {
        if case .backingOff(_, let error) = phase { error } else { .connectionLost }
    }

    /// Writes commands to the channel.
    func write(_ commands: some Sequence<RedisCommand>) {
        var buffer = takeOutput()
        for command in commands { command.write(to: &buffer) }
        write(buffer)
    }

    private func takeOutput() -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &output)
        buffer.clear()
        return buffer
    }

    private func write(_ buffer: ByteBuffer) {
        if buffer.readableBytes > 0 {
            channel?.pipeline.syncOperations.writeAndFlush(NIOAny(buffer), promise: nil)
        }
        if buffer.capacity <= Self.keptByteCount { output = buffer }
    }

    /// Resumes the tasks of commands with an error.
    func fail(_ commands: [PendingCommand], _ error: RedisError) {
        guard !commands.isEmpty else { return }
        queue.completed(commands.count)
        for command in commands { command.fail(error) }
    }
}
