#if PostgreSQL
import CPostgreSQL
import NIOCore
import Synchronization

/// An open connection: executes operations one after another.
///
/// Operations are sent on the calling thread. The reactor's thread reads the results.
final class Link: Sendable {
    /// Receives the events of a link, on the reactor's thread or the thread of the call that caused them.
    protocol Delegate: AnyObject, Sendable {
        /// An operation for which the connection was lent has ended.
        func linkIsFree(_ link: Link)
        /// The connection was closed for the given reason, and the link is unusable.
        func linkClosed(_ link: Link, _ error: PostgreSQLError)
        /// A notification of a channel.
        func linkReceived(_ payload: String, on channel: String)
    }

    let reactor: Reactor
    let delegate: any Delegate
    private let cancelTimeout: TimeAmount
    /// The time at which the connection was opened.
    let openedAt = NIODeadline.now()
    /// The time at which the connection is closed when it is not in use.
    let expiresAt: NIODeadline
    private let session: Mutex<LinkSession>

    init(_ connection: LibpqConnection, settings: PostgreSQLClientSettings, reactor: Reactor, delegate: any Delegate) {
        self.reactor = reactor
        self.delegate = delegate
        cancelTimeout = TimeAmount(settings.replyMargin)
        expiresAt = openedAt + TimeAmount(settings.maximumLifetime * Double.random(in: 0.9...1))
        session = Mutex(
            LinkSession(
                connection, cache: StatementCache(limit: settings.statementCacheSize),
                timeout: TimeAmount(settings.statementTimeout) + TimeAmount(settings.replyMargin)))
    }

    /// Whether the connection is open.
    var isOpen: Bool { session.withLock { $0.isOpen } }

    /// The number of the current loan, with which a closure that kept its connection is recognized.
    var loan: UInt64 { session.withLock { $0.loan } }

    /// The number of prepared statements.
    var preparedCount: Int { session.withLock { $0.cache.preparedCount } }

    // MARK: Operations

    /// Sends an operation, or queues it behind the current one. The loan is the one for which the operation is, if any.
    func submit(_ operation: Operation, loan: UInt64? = nil) {
        perform { session, effects in
            guard loan == nil || loan == session.loan else { return effects.finish(operation, .failure(Self.returned)) }
            session.submit(operation, &effects)
        }
        // The task may have been cancelled before the operation was here.
        if operation.isCancelled { cancel(operation) }
    }

    /// Cancels an operation: the server's statement if it was sent.
    ///
    /// The operation ends when the server has ended the statement.
    func cancel(_ operation: Operation) {
        var cancellation: OpaquePointer?
        perform { session, effects in
            cancellation = session.cancel(operation, deadline: .now() + cancelTimeout, &effects)
        }
        guard let cancellation else { return }
        reactor.wake()
        let request = CancelRequest(cancellation)
        // Sending a cancel request blocks.
        let started = DedicatedThread.start { [self] in
            request.send()
            perform { $0.cancelRequestEnded(&$1) }
        }
        if !started { perform { $0.cancelRequestEnded(&$1) } }
    }

    /// Ends a loan.
    ///
    /// - Returns: Whether the connection can be lent again: it is open, idle and in no transaction. It is closed otherwise.
    func endLoan() -> Bool {
        var isReusable = false
        perform { session, effects in
            session.loan += 1
            isReusable = session.isIdle
            if !isReusable { session.close(Self.returned, &effects) }
        }
        return isReusable
    }

    /// Closes the connection.
    func close(_ error: PostgreSQLError) {
        perform { $0.close(error, &$1) }
    }

    private static let returned = PostgreSQLError(.closed, "the connection was returned to the pool")

    // MARK: Reactor

    /// What the reactor has to wait for; nil if the connection is closed.
    func interest(at now: NIODeadline) -> LinkSession.Interest? {
        var interest: LinkSession.Interest?
        perform { session, effects in
            session.checkDeadline(at: now, &effects)
            interest = session.interest
        }
        return interest
    }

    /// Reads what has arrived and sends what is left to send. The caller resumes the tasks of the finished operations.
    func process(isReadable: Bool, _ finished: inout [LinkEffects.Finished]) {
        var effects = LinkEffects()
        session.withLock { $0.process(isReadable: isReadable, &effects) }
        finished += effects.finished
        effects.finished = []
        carryOut(effects)
    }

    /// Changes the session, and then does what cannot be done while it is locked.
    private func perform(_ change: (inout LinkSession, inout LinkEffects) -> Void) {
        var effects = LinkEffects()
        let wakesReactor = session.withLock { session in
            let wasWriting = session.hasOutput
            change(&session, &effects)
            return session.hasOutput && !wasWriting
        }
        if wakesReactor { reactor.wake() }
        carryOut(effects)
    }

    private func carryOut(_ effects: LinkEffects) {
        if let deadline = effects.deadline { reactor.wake(before: deadline) }
        if let error = effects.closed { delegate.linkClosed(self, error) }
        // The next operation of the pool is sent before the task of this one is resumed.
        if effects.isFree { delegate.linkIsFree(self) }
        for notification in effects.notifications {
            delegate.linkReceived(notification.payload, on: notification.channel)
        }
        for (operation, result) in effects.finished { operation.finish(result) }
        for operation in effects.cancelled { operation.finishCancelled() }
    }
}

/// What has to be done after a change of a session.
struct LinkEffects {
    typealias Finished = (operation: Operation, result: Result<PostgreSQLResult, PostgreSQLError>)

    var finished: [Finished] = []
    var cancelled: [Operation] = []
    var notifications: [(channel: String, payload: String)] = []
    /// Whether an operation for which the connection was lent has ended.
    var isFree = false
    /// The reason why the connection was closed.
    var closed: PostgreSQLError?
    /// A new deadline.
    var deadline: NIODeadline?

    mutating func finish(_ operation: Operation, _ result: Result<PostgreSQLResult, PostgreSQLError>) {
        finished.append((operation, result))
    }
}

/// A request to cancel the statement of a connection. It is sent and freed by the one thread that it is handed to.
private struct CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Sends the request on a connection of its own, and frees it.
    func send() {
        var message = [CChar](repeating: 0, count: 256)
        // A request that fails leaves the statement to its timeout.
        PQcancel(pointer, &message, Int32(message.count))
        PQfreeCancel(pointer)
    }
}
#endif
