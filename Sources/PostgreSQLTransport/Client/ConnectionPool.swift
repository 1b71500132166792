#if PostgreSQL
import ConcurrencySupport
import DequeModule
import Logging
import NIOCore
import Synchronization

/// The connections of a client, and the requests that wait for one, first in, first out.
final class ConnectionPool: Sendable {
    let settings: PostgreSQLClientSettings
    let connector: Connector
    let reactor: Reactor
    let observer: PostgreSQLObserver
    let state: Mutex<PoolState>

    /// - Throws: ``PostgreSQLError`` if the system has no further file descriptors.
    init(_ connector: Connector, settings: PostgreSQLClientSettings, observer: PostgreSQLObserver) throws {
        self.connector = connector
        self.settings = settings
        self.observer = observer
        reactor = try Reactor()
        state = Mutex(PoolState(settings))
        reactor.addTimer { [weak self] in self?.tick(at: $0) }
    }

    // MARK: Requests

    /// Executes an operation on any connection.
    func submit(_ operation: Operation) {
        request(.operation(operation))
        // The task may have been cancelled before the operation was here.
        if operation.isCancelled { cancel(operation) }
    }

    /// Cancels an operation that waits or was sent.
    func cancel(_ operation: Operation) {
        let (isRemoved, links) = state.withLock { state in
            (state.removeWaiter { $0.isOperation(operation) } != nil, state.links)
        }
        guard !isRemoved else { return operation.finishCancelled() }
        for link in links { link.cancel(operation) }
    }

    /// Lends a connection, which the caller gives back.
    ///
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task is cancelled while it waits.
    func lend() async throws -> Link {
        let number = state.withLock { $0.nextLoan() }
        let link = try await waitCancellably { (continuation: CheckedContinuation<Link, any Error>) in
            request(.loan(number, continuation))
            return nil
        } removing: { [self] in
            state.withLock { state in
                guard case .loan(_, let continuation)? = state.removeWaiter({ $0.isLoan(number) }) else { return nil }
                return continuation
            }
        }
        return link
    }

    /// Takes a connection back.
    func takeBack(_ link: Link) {
        // A connection that is not idle is closed, which the pool is told of.
        if link.endLoan() { linkIsFree(link) }
    }

    private func request(_ request: PoolState.Request) {
        var actions = PoolState.Actions()
        state.withLock { $0.add(request, at: .now(), &actions) }
        perform(actions)
    }

    // MARK: Connecting

    private func connect() {
        guard reactor.start() else {
            var actions = PoolState.Actions()
            let error = PostgreSQLError(.unavailable, "no thread for connections")
            state.withLock { $0.connectingIsImpossible(error, &actions) }
            return perform(actions)
        }
        connector.connect { [self] result in
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): connectingFailed(error)
            }
        }
    }

    private func connected(_ connection: LibpqConnection) {
        let link = Link(connection, settings: settings, reactor: reactor, delegate: self)
        var actions = PoolState.Actions()
        let hadFailed = state.withLock { state in
            defer { state.connected(link, &actions) }
            return state.failure != nil
        }
        if hadFailed {
            settings.logger.info("reconnected to PostgreSQL", metadata: observer.metadata)
        }
        observer.recordConnect(failed: false)
        reactor.add(link)
        perform(actions)
    }

    private func connectingFailed(_ error: PostgreSQLError) {
        var actions = PoolState.Actions()
        let isFirst = state.withLock { state in
            defer { state.connectingFailed(error, at: .now(), &actions) }
            return state.failure == nil
        }
        // Only the first of a series of failures is a warning.
        settings.logger.log(
            level: isFirst ? .warning : .debug, "PostgreSQL connection failed, backing off",
            metadata: observer.metadata.merging(["error": "\(error)"]) { $1 })
        observer.recordConnect(failed: true)
        reactor.wake()
        perform(actions)
    }

    // MARK: Time and shutdown

    private func tick(at now: NIODeadline) -> NIODeadline? {
        var actions = PoolState.Actions()
        let next = state.withLock { $0.tick(at: now, &actions) }
        perform(actions)
        return next
    }

    /// Rejects new requests, waits until all others have ended, and closes the connections.
    func shutDown() async {
        await withCheckedContinuation { continuation in
            var actions = PoolState.Actions()
            state.withLock { $0.shutDown(continuation, &actions) }
            perform(actions)
        }
    }

    /// Closes the connections now. All operations fail.
    func close() {
        var actions = PoolState.Actions()
        state.withLock { $0.close(&actions) }
        perform(actions)
    }

    /// Does what the state has decided.
    func perform(_ actions: PoolState.Actions) {
        for link in actions.closed { link.close(actions.reason) }
        for (link, request) in actions.assigned {
            switch request {
            case .operation(let operation): link.submit(operation)
            case .loan(_, let continuation): continuation.resume(returning: link)
            }
        }
        for (request, error) in actions.failed { request.fail(error) }
        if let deadline = actions.deadline { reactor.wake(before: deadline) }
        for _ in 0..<actions.attempts { connect() }
        observer.record(actions)
        if actions.isEnded { reactor.stop() }
        for continuation in actions.ended { continuation.resume() }
    }
}

extension ConnectionPool: Link.Delegate {
    func linkIsFree(_ link: Link) {
        var actions = PoolState.Actions()
        state.withLock { $0.free(link, at: .now(), &actions) }
        perform(actions)
    }

    func linkClosed(_ link: Link, _ error: PostgreSQLError) {
        var actions = PoolState.Actions()
        state.withLock { $0.remove(link, error, &actions) }
        perform(actions)
    }

    func linkReceived(_ payload: String, on channel: String) {}
}
#endif
