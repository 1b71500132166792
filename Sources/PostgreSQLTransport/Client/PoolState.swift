#if PostgreSQL
import ConcurrencySupport
import DequeModule
import NIOCore

/// The state of a pool and its rules, without locking, sockets and clocks.
struct PoolState {
    private struct Waiter {
        let request: Request
        let deadline: NIODeadline
    }

    private struct IdleLink {
        let link: Link
        let since: NIODeadline
    }

    private enum Phase {
        case running, shuttingDown, ended
    }

    private let settings: PostgreSQLClientSettings
    private var phase = Phase.running
    /// All open connections.
    private(set) var links: [Link] = []
    /// The connections that are not in use, the one used last at the end.
    private var idle: [IdleLink] = []
    private var waiters = Deque<Waiter>()
    private var connectingCount = 0
    private var loanCount: UInt64 = 0
    private var endContinuations: [CheckedContinuation<Void, Never>] = []

    /// The error of the last attempt to connect, if it failed.
    private(set) var failure: PostgreSQLError?
    /// The time of the first failure since the last connection was opened.
    private var failingSince: NIODeadline?
    private var isOutage = false
    /// The end of the current backoff delay.
    private var retryAt: NIODeadline?
    private var backoff: Backoff

    init(_ settings: PostgreSQLClientSettings) {
        self.settings = settings
        backoff = Backoff(base: settings.reconnectDelay, limit: settings.maximumReconnectDelay)
    }

    /// Whether requests fail at once, because there is no connection and attempts to open one have failed.
    private var isRefusing: Bool {
        guard links.isEmpty, let failure else { return false }
        // A server that rejects connections is asked again when a request needs one, after the delay.
        if failure.kind == .refused { return retryAt != nil }
        return isOutage
    }

    /// The number of requests that wait for a connection.
    var waitingCount: Int { waiters.count }

    mutating func nextLoan() -> UInt64 {
        loanCount += 1
        return loanCount
    }

    // MARK: Requests

    mutating func add(_ request: Request, at now: NIODeadline, _ actions: inout Actions) {
        guard case .running = phase else {
            return actions.failed.append((request, PostgreSQLError(.closed, "the client is shut down")))
        }
        if let idle = idle.popLast() { return actions.assigned.append((idle.link, request)) }
        if isRefusing, let failure { return actions.failed.append((request, Self.backingOff(failure))) }
        guard waiters.count < settings.waitingLimit else {
            let message = "\(settings.waitingLimit) requests wait for a connection already"
            return actions.failed.append((request, PostgreSQLError(.unavailable, message)))
        }
        let deadline = now + TimeAmount(settings.waitingTimeout)
        waiters.append(Waiter(request: request, deadline: deadline))
        if waiters.count == 1 { actions.deadline = deadline }
        connectIfNeeded(&actions)
        recordCounts(&actions)
    }

    mutating func removeWaiter(_ predicate: (Request) -> Bool) -> Request? {
        guard let index = waiters.firstIndex(where: { predicate($0.request) }) else { return nil }
        return waiters.remove(at: index).request
    }

    private static func backingOff(_ cause: PostgreSQLError) -> PostgreSQLError {
        PostgreSQLError(
            cause.kind == .refused ? .refused : .unavailable, "no connection: \(cause.message)",
            sqlState: cause.sqlState)
    }

    // MARK: Connections

    private mutating func connectIfNeeded(_ actions: inout Actions) {
        guard retryAt == nil else { return }
        // After a failure one attempt shows whether the server is available.
        let limit = failure == nil ? settings.maximumConnections : 1
        while connectingCount < min(waiters.count, limit), links.count + connectingCount < settings.maximumConnections {
            connectingCount += 1
            actions.attempts += 1
        }
    }

    mutating func connected(_ link: Link, _ actions: inout Actions) {
        connectingCount -= 1
        failure = nil
        (failingSince, isOutage) = (nil, false)
        retryAt = nil
        backoff = Backoff(base: settings.reconnectDelay, limit: settings.maximumReconnectDelay)
        guard phase != .ended else {
            actions.closed.append(link)
            return endIfDone(&actions)
        }
        links.append(link)
        // Even a connection with a very short lifetime serves one request.
        free(link, at: .uptimeNanoseconds(0), &actions)
        connectIfNeeded(&actions)
    }

    mutating func connectingFailed(_ error: PostgreSQLError, at now: NIODeadline, _ actions: inout Actions) {
        connectingCount -= 1
        failure = error
        let since = failingSince ?? now
        (failingSince, isOutage) = (since, now - since >= TimeAmount(settings.outageDelay))
        // Attempts that ran at the same time count as one failure.
        if retryAt == nil {
            retryAt = now + TimeAmount(backoff.nextDelay(random: .random(in: 0...1)))
        }
        if isRefusing || phase == .ended { failWaiters(Self.backingOff(error), &actions) }
        endIfDone(&actions)
    }

    /// Fails the requests that wait, because nothing would notice a connection or a timeout.
    mutating func connectingIsImpossible(_ error: PostgreSQLError, _ actions: inout Actions) {
        connectingCount -= 1
        failWaiters(error, &actions)
        endIfDone(&actions)
    }

    /// Lends a connection that is not in use to the next request.
    mutating func free(_ link: Link, at now: NIODeadline, _ actions: inout Actions) {
        guard links.contains(where: { $0 === link }) else { return }
        defer { recordCounts(&actions) }
        if link.expiresAt <= now || (phase != .running && waiters.isEmpty) { return actions.closed.append(link) }
        if let waiter = waiters.popFirst() { return actions.assigned.append((link, waiter.request)) }
        idle.append(IdleLink(link: link, since: max(now, link.openedAt)))
    }

    /// Removes a connection that was closed.
    mutating func remove(_ link: Link, _ error: PostgreSQLError, _ actions: inout Actions) {
        links.removeAll { $0 === link }
        idle.removeAll { $0.link === link }
        if error.kind == .timeout {
            // The server or the network does not respond, so the other connections are not used without a new one.
            actions.closed += idle.map(\.link)
            actions.reason = PostgreSQLError(.unavailable, "another connection has no reply from the server")
            idle = []
        }
        connectIfNeeded(&actions)
        recordCounts(&actions)
        endIfDone(&actions)
    }

    // MARK: Time

    /// Does what is due.
    ///
    /// - Returns: The time of the next call.
    mutating func tick(at now: NIODeadline, _ actions: inout Actions) -> NIODeadline? {
        while let waiter = waiters.first, waiter.deadline <= now {
            waiters.removeFirst()
            let cause = failure.map { ": \($0.message)" } ?? ""
            let message = "no connection of the pool was available within \(settings.waitingTimeout)\(cause)"
            actions.failed.append((waiter.request, PostgreSQLError(.timeout, message)))
        }
        if let retryAt, retryAt <= now {
            self.retryAt = nil
            let isProbing = phase == .running && connectingCount == 0 && isRefusing
            if isProbing {
                connectingCount += 1
                actions.attempts += 1
            }
            connectIfNeeded(&actions)
        }
        let idleTimeout = TimeAmount(settings.idleTimeout)
        idle.removeAll { idle in
            guard idle.since + idleTimeout <= now || idle.link.expiresAt <= now else { return false }
            actions.closed.append(idle.link)
            return true
        }
        if !actions.failed.isEmpty { recordCounts(&actions) }
        endIfDone(&actions)
        let idleEnd = idle.map { min($0.since + idleTimeout, $0.link.expiresAt) }.min()
        return [waiters.first?.deadline, retryAt, idleEnd].compactMap(\.self).min()
    }

    // MARK: Shutdown

    mutating func shutDown(_ continuation: CheckedContinuation<Void, Never>, _ actions: inout Actions) {
        endContinuations.append(continuation)
        if phase == .running { phase = .shuttingDown }
        actions.closed += idle.map(\.link)
        idle = []
        endIfDone(&actions)
    }

    mutating func close(_ actions: inout Actions) {
        phase = .ended
        failWaiters(PostgreSQLError(.closed, "the client is shut down"), &actions)
        actions.closed += links
        idle = []
        endIfDone(&actions)
    }

    private mutating func endIfDone(_ actions: inout Actions) {
        guard phase != .running, links.isEmpty, waiters.isEmpty, connectingCount == 0 else { return }
        phase = .ended
        actions.isEnded = true
        actions.ended += endContinuations
        endContinuations = []
    }

    private mutating func failWaiters(_ error: PostgreSQLError, _ actions: inout Actions) {
        for waiter in waiters { actions.failed.append((waiter.request, error)) }
        waiters.removeAll()
        recordCounts(&actions)
    }

    private func recordCounts(_ actions: inout Actions) {
        actions.counts = (links.count, waiters.count)
    }
}
#endif
