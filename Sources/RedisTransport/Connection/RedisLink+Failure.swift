import ConcurrencySupport
import Logging
import NIOCore

extension RedisLink {
    // MARK: Backoff

    /// Rejects commands and reconnects after a delay.
    func startBackoff(because error: RedisError) {
        let delay = backoff.nextDelay(random: Double.random(in: 0...1))
        // Only the first of a series of failures is a warning.
        connector.logger.log(
            level: isFailing ? .debug : .warning, "Redis connection failed, backing off",
            metadata: ["endpoint": "\(connector.endpoint)", "error": "\(error)", "delay": "\(delay)"])
        let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
            guard case .backingOff = phase else { return }
            phase = .idle
            connect()
        }
        isFailing = true
        phase = .backingOff(timer, error)
        queue.refuse(with: error)
        flushNow()
    }

    /// Closes the connection and backs off, because a command has timed out on another connection to the server.
    func backOff() {
        switch phase {
        case .idle: startBackoff(because: .timedOut)
        case .active: lost(.timedOut, number)
        case .backingOff, .ended: break
        }
    }

    // MARK: Deadlines

    /// Schedules one timer for the earliest deadline of all commands, whose deadlines are in the order of the commands.
    func armDeadlineTimer() {
        guard !hasDeadlineTimer else { return }
        let deadlines = [session.oldestAwaiting, session.oldestQueued].compactMap { $0?.deadline }
        guard let deadline = deadlines.min() else { return }
        hasDeadlineTimer = true
        eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            hasDeadlineTimer = false
            checkDeadlines()
            armDeadlineTimer()
        }
    }

    private func checkDeadlines(isAfterGracePeriod: Bool = false) {
        defer { endIfDone() }
        let now = NIODeadline.now()
        while let command = session.oldestQueued, command.deadline <= now {
            _ = session.removeOldestQueued()
            fail([command], .timedOut)
        }
        guard let command = session.oldestAwaiting, command.deadline <= now else { return }
        guard isAfterGracePeriod else {
            // If the event loop was blocked, the reply may have arrived and is read during the grace period.
            hasDeadlineTimer = true
            eventLoop.assumeIsolated().scheduleTask(in: deadlineGracePeriod) { [self] in
                hasDeadlineTimer = false
                checkDeadlines(isAfterGracePeriod: true)
                armDeadlineTimer()
            }
            return
        }
        lost(.timedOut, number)
        onTimeout()
    }

    // MARK: Shutdown

    /// Rejects new commands, and ends when those that were sent have completed.
    ///
    /// - Parameter promise: Succeeds at the end.
    func shutDown(_ promise: EventLoopPromise<Void>?) {
        if let promise { endPromises.append(promise) }
        isShuttingDown = true
        queue.refuse(with: .shutDown)
        switch phase {
        case .idle: end()
        case .backingOff(let timer, _):
            timer.cancel()
            end()
        case .active: endIfDone()
        case .ended: end()
        }
    }

    /// Ends the connection if the client is shutting down and no command is outstanding.
    func endIfDone() {
        guard isShuttingDown, case .active = phase, session.oldestAwaiting == nil, session.oldestQueued == nil
        else { return }
        lost(.shutDown, number)
    }

    /// Enters the final phase and completes the promises of the shutdown.
    func end() {
        phase = .ended
        flushNow()
        for promise in endPromises { promise.succeed() }
        endPromises = []
    }
}
