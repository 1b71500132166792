import HTTPPipeline
import Logging
import NIOCore

/// The side of a connection that lives on an event loop: makes it, writes commands, hands out replies, and makes it anew.
///
/// A connection that worked and is lost is made anew at once, and what is safe to repeat is sent again, one time. A server that does
/// not let a connection in, or leaves a command without a reply, is asked again after a pause, and commands are refused until it has
/// answered the greeting: nobody waits for a server that is known not to answer.
final class RedisLink {
    private enum Phase {
        /// There is no connection. The next command makes one.
        case idle
        /// There is a connection, or one is being made.
        case active
        /// The server failed and is left alone until the pause is over.
        case pausing(Scheduled<Void>, RedisError)
        /// The client was shut down.
        case ended
    }

    /// How much memory is kept for the next commands: what many that come together take.
    private static let keptByteCount = 1 << 16

    /// Where commands are written. Its memory is used again as soon as the channel has let go of it.
    private var output = ByteBuffer()
    /// An empty array, whose memory the next commands use.
    private var spare: [PendingCommand] = []
    private let eventLoop: any EventLoop
    /// Of the tasks on the event loop.
    private let jobs: EventLoopJobs
    private let connector: RedisConnector
    private let queue: CommandQueue
    private let timeout: TimeAmount
    private let secondLookDelay: TimeAmount
    private let idleTimeout: TimeAmount
    private let observer: LinkObserver?
    /// Is told that the server left a command without a reply, which concerns its other connections too.
    private let onHang: @Sendable () -> Void

    private var phase = Phase.idle
    private var session: RedisSession<PendingCommand>
    private var channel: (any Channel)?
    /// The number of the present connection: what comes from an earlier one does not count.
    private var number = 0
    private var backoff: Backoff
    /// When the server let the present connection in.
    private var readySince = NIODeadline.now()
    /// Whether the server was found to fail, and has not let in anybody since.
    private var isFailing = false
    private var connectTimer: Scheduled<Void>?
    /// Whether the present connection has had a reply or a message after the greeting.
    private var hasReplied = false
    /// How many replies have come since the last pause.
    private var replyCount = 0
    /// How many replies came together last.
    private var expectedCount = 1
    private var hasDeadlineTimer = false
    /// When commands were last sent, or something published was last heard.
    private var lastUse = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?
    private var endPromises: [EventLoopPromise<Void>] = []
    private var isShuttingDown = false

    init(
        _ connector: RedisConnector, on eventLoop: any EventLoop, queue: CommandQueue, observer: LinkObserver?,
        onHang: @escaping @Sendable () -> Void
    ) {
        self.connector = connector
        self.eventLoop = eventLoop
        jobs = .of(eventLoop)
        self.queue = queue
        self.observer = observer
        self.onHang = onHang
        backoff = Backoff(base: connector.settings.reconnectDelay, limit: connector.settings.maximumReconnectDelay)
        session = RedisSession(greeting: connector.greeting)
        secondLookDelay = TimeAmount(connector.settings.secondLookDelay)
        timeout = TimeAmount(connector.settings.replyTimeout) - secondLookDelay
        idleTimeout = TimeAmount(connector.settings.idleTimeout)
    }

    // MARK: Commands

    /// Takes the commands that have come, when there are as many as may be expected, or no more come.
    ///
    /// Tasks that have had their replies at the same time ask again at about the same time. A command that is written for itself
    /// costs both sides several times what one among others does.
    func flush(after seenCount: Int = 0) {
        let count = queue.waitingCount
        guard count < expectedCount, count > seenCount else { return flushNow() }
        eventLoop.assumeIsolated().execute { [self] in flush(after: count) }
    }

    private func flushNow() {
        // What is called here may come here again: it then finds no memory to use.
        var commands = spare
        spare = []
        queue.take(into: &commands)
        defer {
            commands.removeAll(keepingCapacity: true)
            spare = commands
        }
        guard !commands.isEmpty else { return }
        switch phase {
        case .ended: return fail(commands, .shutDown)
        case .pausing(_, let error): return fail(commands, error)
        case .idle: connect()
        case .active: break
        }
        lastUse = .now()
        let deadline = lastUse + timeout
        for index in commands.indices { commands[index].deadline = deadline }
        submit(commands)
    }

    private func submit(_ commands: [PendingCommand]) {
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

    /// Why there is no connection. One to a socket of this machine may have failed before the attempt returned.
    private var failure: RedisError {
        if case .pausing(_, let error) = phase { error } else { .connectionLost }
    }

    private func write(_ commands: some Sequence<RedisCommand>) {
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

    private func fail(_ commands: [PendingCommand], _ error: RedisError) {
        guard !commands.isEmpty else { return }
        queue.finished(commands.count)
        for command in commands { command.fail(error) }
    }

    // MARK: Connection

    /// Makes the connection, if there is none.
    func connect() {
        guard case .idle = phase else { return }
        phase = .active
        number += 1
        hasReplied = false
        let number = number
        var greeting = connector.greeting
        for channel in observer?.channels ?? [] { greeting.append(["SUBSCRIBE", .text(channel)]) }
        session = RedisSession(greeting: greeting, isSubscriber: observer != nil)
        let timeout = connector.settings.connectTimeout
        connectTimer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
            lost(.unreachable("no connection within \(timeout)"), number)
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        connector.connect(on: eventLoop) {
            let link = bound.value
            return RedisChannelHandler(
                link.jobs, onReply: { link.received($0, number) }, onPause: { link.finishReplies(number) },
                onEnd: { link.ended(because: $0, number) })
        }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): connected(channel, number)
            case .failure(let error): lost(.unreachable("\(error)"), number)
            }
        }
    }

    private func connected(_ channel: any Channel, _ number: Int) {
        guard number == self.number, case .active = phase, let greeting = session.connected() else {
            return channel.close(promise: nil)
        }
        self.channel = channel
        write(greeting)
    }

    private func received(_ reply: RESPValue, _ number: Int) {
        guard number == self.number else { return }
        switch session.received(reply) {
        case .none: break
        case .reply(let command, let value):
            replyCount += 1
            command.complete(with: value)
            // A server that has become a replica takes no writes; by its name another one may be found.
            if case .error(let text) = value, text.saysReadOnly { lost(.unreachable(text), number) }
        case .message(let content):
            hasReplied = true
            lastUse = .now()
            if case .bytes(let bytes) = content { observer?.received(bytes) }
        case .write(let waiting):
            becameReady()
            write(waiting.lazy.map(\.command))
            endIfDone()
        case .close(let error): lost(error, number)
        }
    }

    /// Called after each batch of replies. One whose connection has ended was counted then.
    private func finishReplies(_ number: Int) {
        guard number == self.number else { return }
        expectedCount = replyCount
        countReplies()
        endIfDone()
    }

    private func countReplies() {
        guard replyCount > 0 else { return }
        queue.finished(replyCount)
        replyCount = 0
        hasReplied = true
    }

    private func becameReady() {
        connectTimer?.cancel()
        connectTimer = nil
        queue.refuse(with: nil)
        connector.logger.log(
            level: isFailing ? .info : .debug, "connected to Redis", metadata: ["endpoint": "\(connector.endpoint)"])
        isFailing = false
        lastUse = .now()
        readySince = lastUse
        armIdleTimer()
        observer?.subscribed(true)
    }

    /// Called when the channel has ended by itself.
    private func ended(because error: RedisError, _ number: Int) {
        guard number == self.number else { return }
        if session.isReady {
            // A reset, or no proper end of TLS, says no more than any other end of a connection that worked.
            lost(error == .unexpectedReply ? error : .connectionLost, number)
        } else if error != .connectionLost {
            lost(error, number)
        } else if channel != nil {
            lost(.unreachable("the server closed the connection before it answered"), number)
        }
        // Otherwise there was no connection yet. The attempt to make one fails, and says why.
    }

    private func lost(_ error: RedisError, _ number: Int) {
        guard number == self.number, case .active = phase else { return }
        connectTimer?.cancel()
        connectTimer = nil
        idleTimer?.cancel()
        idleTimer = nil
        countReplies()
        let wasReady = session.isReady
        if wasReady { backoff.ended(after: Duration(.now() - readySince)) }
        let (sent, unsent) = session.closed()
        // What the channel says from now on is not heard.
        self.number += 1
        channel?.close(promise: nil)
        channel = nil
        if wasReady { observer?.subscribed(false) }
        guard !isShuttingDown else {
            fail(sent + unsent, wasReady ? error : .shutDown)
            return end()
        }
        // The second time in a row the server is to blame, and so it is when it ends a subscription as soon as it has begun.
        let isItsFault = sent.contains(where: \.isRepeated) || observer != nil && !hasReplied
        guard wasReady, error == .connectionLost, !isItsFault else {
            fail(sent + unsent, error)
            return pause(because: error)
        }
        phase = .idle
        fail(sent.filter { !$0.isRepeatable }, error)
        let again = sent.filter(\.isRepeatable).map { command in
            var command = command
            command.isRepeated = true
            return command
        }
        guard !again.isEmpty || !unsent.isEmpty || observer != nil else { return }
        connect()
        submit(again + unsent)
    }

    /// Closes the connection when nothing has happened on it for a long time, and nothing is about to.
    ///
    /// A use moves no timer, which would cost each command something: the timer looks when the last one was.
    private func armIdleTimer() {
        idleTimer = eventLoop.assumeIsolated().scheduleTask(deadline: lastUse + idleTimeout) { [self] in
            let now = NIODeadline.now()
            if session.oldestAwaiting != nil { lastUse = now }
            guard now < lastUse + idleTimeout else { return lost(.connectionLost, number) }
            armIdleTimer()
        }
    }

    // MARK: Failure

    private func pause(because error: RedisError) {
        let pause = backoff.failed(random: Double.random(in: 0...1))
        // Once for each time that it fails, not for each attempt.
        connector.logger.log(
            level: isFailing ? .debug : .warning, "Redis fails and is left alone for a while",
            metadata: ["endpoint": "\(connector.endpoint)", "error": "\(error)", "pause": "\(pause)"])
        let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { [self] in
            guard case .pausing = phase else { return }
            phase = .idle
            connect()
        }
        isFailing = true
        phase = .pausing(timer, error)
        queue.refuse(with: error)
        flushNow()
    }

    /// Leaves the server alone until it has answered a new greeting, because another connection had no reply.
    func suspect() {
        switch phase {
        case .idle: pause(because: .timedOut)
        case .active: lost(.timedOut, number)
        case .pausing, .ended: break
        }
    }

    /// One timer for all commands, whose deadlines come in the order of the commands.
    private func armDeadlineTimer() {
        guard !hasDeadlineTimer else { return }
        let deadlines = [session.oldestAwaiting, session.oldestWaiting].compactMap { $0?.deadline }
        guard let deadline = deadlines.min() else { return }
        hasDeadlineTimer = true
        eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            hasDeadlineTimer = false
            checkDeadlines()
            armDeadlineTimer()
        }
    }

    private func checkDeadlines(isSecondLook: Bool = false) {
        defer { endIfDone() }
        let now = NIODeadline.now()
        while let command = session.oldestWaiting, command.deadline <= now {
            _ = session.withdrawOldestWaiting()
            fail([command], .timedOut)
        }
        guard let command = session.oldestAwaiting, command.deadline <= now else { return }
        guard isSecondLook else {
            // When the event loop was held up, the reply may be there, and is read now.
            hasDeadlineTimer = true
            eventLoop.assumeIsolated().scheduleTask(in: secondLookDelay) { [self] in
                hasDeadlineTimer = false
                checkDeadlines(isSecondLook: true)
                armDeadlineTimer()
            }
            return
        }
        lost(.timedOut, number)
        onHang()
    }

    // MARK: End

    /// Refuses commands, and ends when those that were sent have their replies.
    func shutDown(_ promise: EventLoopPromise<Void>?) {
        if let promise { endPromises.append(promise) }
        isShuttingDown = true
        queue.refuse(with: .shutDown)
        switch phase {
        case .idle: end()
        case .pausing(let timer, _):
            timer.cancel()
            end()
        case .active: endIfDone()
        case .ended: end()
        }
    }

    private func endIfDone() {
        guard isShuttingDown, case .active = phase, session.oldestAwaiting == nil, session.oldestWaiting == nil
        else { return }
        lost(.shutDown, number)
    }

    private func end() {
        phase = .ended
        flushNow()
        for promise in endPromises { promise.succeed() }
        endPromises = []
    }
}

extension String {
    /// Whether a server's error says that it takes no writes, by itself or through the error of a script. O(length).
    fileprivate var saysReadOnly: Bool {
        var rest = utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "R")) {
            rest = rest[start...]
            if rest.starts(with: "READONLY ".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
