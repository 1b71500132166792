import ConcurrencySupport
import Logging
import NIOCore

extension RedisLink {
    /// Opens a channel and starts the handshake, if there is no channel.
    func connect() {
        guard case .idle = phase else { return }
        phase = .active
        number += 1
        hasReplied = false
        let number = number
        var handshake = connector.handshake
        for channel in subscription?.channels ?? [] { handshake.append(["SUBSCRIBE", .text(channel)]) }
        session = RedisSession(handshake: handshake, isSubscriber: subscription != nil)
        let timeout = connector.settings.connectTimeout
        connectTimer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { [self] in
            lost(.unreachable("timed out after \(timeout)"), number)
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        connector.connect(on: eventLoop) {
            let link = bound.value
            return RedisChannelHandler(
                link.jobs, onReply: { link.received($0, number) }, onBatchEnd: { link.finishBatch(number) },
                onClose: { link.channelClosed(because: $0, number) })
        }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): connected(channel, number)
            case .failure(let error): lost(.unreachable("\(error)"), number)
            }
        }
    }

    private func connected(_ channel: any Channel, _ number: Int) {
        guard number == self.number, case .active = phase, let handshake = session.connected() else {
            return channel.close(promise: nil)
        }
        self.channel = channel
        write(handshake)
    }

    private func received(_ reply: RESPValue, _ number: Int) {
        guard number == self.number else { return }
        switch session.received(reply) {
        case .none: break
        case .reply(let command, let value):
            replyCount += 1
            command.complete(with: value)
            // A server that was demoted to a replica rejects writes. Reconnecting may resolve the name to its successor.
            if case .error(let text) = value, text.isReadOnlyError { lost(.unreachable(text), number) }
        case .message(let content):
            hasReplied = true
            lastUse = .now()
            if case .bytes(let bytes) = content { subscription?.delegate?.received(bytes) }
        case .write(let queued):
            becameReady()
            write(queued.lazy.map(\.command))
            endIfDone()
        case .close(let error): lost(error, number)
        }
    }

    /// Called after each batch of replies. A batch that closed its connection has been counted already.
    private func finishBatch(_ number: Int) {
        guard number == self.number else { return }
        expectedCount = replyCount
        countReplies()
        endIfDone()
    }

    private func countReplies() {
        guard replyCount > 0 else { return }
        queue.completed(replyCount)
        replyCount = 0
        hasReplied = true
    }

    private func becameReady() {
        connectTimer?.cancel()
        connectTimer = nil
        queue.refuse(with: nil)
        connector.logger.log(
            level: isFailing ? .info : .debug, isFailing ? "reconnected to Redis" : "connected to Redis",
            metadata: ["endpoint": "\(connector.endpoint)"])
        isFailing = false
        lastUse = .now()
        readySince = lastUse
        armIdleTimer()
        subscription?.delegate?.subscriptionStarted()
    }

    /// Called when the channel has closed by itself.
    private func channelClosed(because error: RedisError, _ number: Int) {
        guard number == self.number else { return }
        if session.isReady {
            // A reset or a missing TLS close_notify is handled as any other loss of an established connection.
            lost(error == .unexpectedReply ? error : .connectionLost, number)
        } else if error != .connectionLost {
            lost(error, number)
        } else if channel != nil {
            lost(.unreachable("connection closed during handshake"), number)
        }
        // Otherwise the channel was never connected, and its future fails with the reason.
    }

    /// Ends the current connection, then reconnects at once or backs off.
    func lost(_ error: RedisError, _ number: Int) {
        guard number == self.number, case .active = phase else { return }
        connectTimer?.cancel()
        connectTimer = nil
        idleTimer?.cancel()
        idleTimer = nil
        countReplies()
        let wasReady = session.isReady
        if wasReady { backoff.connectionEnded(after: Duration(.now() - readySince)) }
        let (sent, unsent) = session.closed()
        // Further events of this channel are ignored.
        self.number += 1
        channel?.close(promise: nil)
        channel = nil
        if wasReady { subscription?.delegate?.subscriptionEnded() }
        guard !isShuttingDown else {
            fail(sent + unsent, wasReady ? error : .shutDown)
            return end()
        }
        // The server is at fault if it loses a retried command, or closes a subscription that has received nothing.
        let isServerFault = sent.contains(where: \.isRetry) || subscription != nil && !hasReplied
        guard wasReady, error == .connectionLost, !isServerFault else {
            fail(sent + unsent, error)
            return startBackoff(because: error)
        }
        phase = .idle
        fail(sent.filter { !$0.isIdempotent }, error)
        let retries = sent.filter(\.isIdempotent).map { command in
            var command = command
            command.isRetry = true
            return command
        }
        guard !retries.isEmpty || !unsent.isEmpty || subscription != nil else { return }
        connect()
        submit(retries + unsent)
    }

    /// Closes the connection after a time without use and without outstanding commands.
    ///
    /// A command does not reschedule the timer, which would add to its cost: the timer compares the time of the last use when it fires.
    private func armIdleTimer() {
        idleTimer = eventLoop.assumeIsolated().scheduleTask(deadline: lastUse + idleTimeout) { [self] in
            let now = NIODeadline.now()
            if session.oldestAwaiting != nil { lastUse = now }
            guard now < lastUse + idleTimeout else { return lost(.connectionLost, number) }
            armIdleTimer()
        }
    }
}

extension String {
    /// Whether an error reply contains the code `READONLY`, by itself or inside the error of a script.
    ///
    /// - Complexity: O(*n*), where *n* is the length of the text.
    fileprivate var isReadOnlyError: Bool {
        var rest = utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "R")) {
            rest = rest[start...]
            if rest.starts(with: "READONLY ".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
