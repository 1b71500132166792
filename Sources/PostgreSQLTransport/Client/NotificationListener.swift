#if PostgreSQL
import ConcurrencySupport
import Logging
import NIOCore
import Synchronization

/// The listening connection of a client and the consumers of its notifications.
final class NotificationListener: Sendable {
    private struct Subscription {
        let channel: String
        let continuation: AsyncStream<String?>.Continuation
    }

    private struct State {
        var subscriptions: [UInt64: Subscription] = [:]
        var subscriptionCount: UInt64 = 0
        /// The channels to which the current connection listens.
        var listening: Set<String> = []
        var link: Link?
        /// Ends the wait of the task.
        var signal: AsyncStream<Void>.Continuation?
        var nextCheck: NIODeadline?
        var isEnded = false

        var channels: Set<String> { Set(subscriptions.values.map(\.channel)) }

        func continuations(of channel: String) -> [AsyncStream<String?>.Continuation] {
            subscriptions.values.filter { $0.channel == channel }.map(\.continuation)
        }
    }

    private let connector: Connector
    private let settings: PostgreSQLClientSettings
    private let reactor: Reactor
    private let metadata: Logger.Metadata
    private let state = Mutex(State())

    init(_ connector: Connector, settings: PostgreSQLClientSettings, reactor: Reactor, metadata: Logger.Metadata) {
        self.connector = connector
        // A check that takes longer than the interval between checks has failed.
        var settings = settings
        settings.statementTimeout = settings.listenerCheckInterval
        settings.replyMargin = .zero
        self.settings = settings
        self.reactor = reactor
        self.metadata = metadata
        reactor.addTimer { [weak self] in self?.tick(at: $0) }
    }

    /// Whether the connection listens to a channel.
    var isListening: Bool { state.withLock { !$0.listening.isEmpty } }

    // MARK: Subscriptions

    func notifications(on channel: String) -> AsyncStream<String?> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: String?.self, bufferingPolicy: .bufferingNewest(settings.notificationLimit))
        let (isEnded, isListening, id, signals) = state.withLock { state in
            guard !state.isEnded else { return (true, false, UInt64(0), AsyncStream<Void>?.none) }
            state.subscriptionCount += 1
            state.subscriptions[state.subscriptionCount] = Subscription(channel: channel, continuation: continuation)
            var signals: AsyncStream<Void>?
            if state.signal == nil {
                let pair = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                state.signal = pair.continuation
                signals = pair.stream
            }
            state.signal?.yield()
            return (false, state.listening.contains(channel), state.subscriptionCount, signals)
        }
        guard !isEnded else {
            continuation.finish()
            return stream
        }
        if isListening { continuation.yield(nil) }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        if let signals { Task { await run(signals) } }
        return stream
    }

    private func remove(_ id: UInt64) {
        state.withLock { state in
            state.subscriptions[id] = nil
            state.signal?.yield()
        }
    }

    /// Ends all sequences and closes the connection.
    func close() {
        let (subscriptions, link) = state.withLock { state in
            defer {
                state.isEnded = true
                state.subscriptions = [:]
                state.signal?.yield()
            }
            return (state.subscriptions, state.link)
        }
        for subscription in subscriptions.values { subscription.continuation.finish() }
        link?.close(PostgreSQLError(.closed, "the client is shut down"))
    }

    // MARK: Connection

    /// Keeps a connection while there are subscriptions.
    private func run(_ signals: AsyncStream<Void>) async {
        var backoff = Backoff(base: settings.reconnectDelay, limit: settings.maximumReconnectDelay)
        var hasFailed = false
        while true {
            do {
                let link = try await connect()
                if hasFailed { settings.logger.info("reconnected to PostgreSQL for notifications", metadata: metadata) }
                hasFailed = false
                backoff = Backoff(base: settings.reconnectDelay, limit: settings.maximumReconnectDelay)
                defer { link.close(PostgreSQLError(.closed, "the connection is not needed any more")) }
                try await serve(link, signals)
                return
            } catch let error as PostgreSQLError where error.kind == .closed {
                return
            } catch {
                settings.logger.log(
                    level: hasFailed ? .debug : .warning, "PostgreSQL connection for notifications failed, backing off",
                    metadata: metadata.merging(["error": "\(error)"]) { $1 })
                hasFailed = true
            }
            if endsWithoutSubscriptions() { return }
            try? await Task.sleep(for: backoff.nextDelay(random: .random(in: 0...1)))
        }
    }

    private func connect() async throws -> Link {
        let connection = try await withCheckedThrowingContinuation { continuation in
            connector.connect { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
        let link = Link(connection, settings: settings, reactor: reactor, delegate: self)
        state.withLock { state in
            state.link = link
            state.listening = []
            state.nextCheck = link.openedAt + TimeAmount(settings.listenerCheckInterval)
        }
        reactor.add(link)
        return link
    }

    /// Listens to the channels of all subscriptions, until there are none.
    ///
    /// - Throws: ``PostgreSQLError`` when the connection is lost.
    private func serve(_ link: Link, _ signals: AsyncStream<Void>) async throws {
        var iterator = signals.makeAsyncIterator()
        while !endsWithoutSubscriptions() {
            let (channels, listening, isCheckDue) = state.withLock { state in
                let now = NIODeadline.now()
                let isDue = state.nextCheck.map { $0 <= now } ?? true
                if isDue { state.nextCheck = now + TimeAmount(settings.listenerCheckInterval) }
                return (state.channels, state.listening, isDue)
            }
            for channel in listening.subtracting(channels) {
                try await execute("UNLISTEN \(Self.quoted(channel))", on: link)
                state.withLock { _ = $0.listening.remove(channel) }
            }
            for channel in channels.subtracting(listening) {
                try await execute("LISTEN \(Self.quoted(channel))", on: link)
                let continuations = state.withLock { state in
                    state.listening.insert(channel)
                    return state.continuations(of: channel)
                }
                for continuation in continuations { continuation.yield(nil) }
            }
            if isCheckDue { try await execute("SELECT 1", on: link) }
            guard link.isOpen else { throw PostgreSQLError.lost(.unavailable, "the connection was lost") }
            await iterator.next()
        }
    }

    private func execute(_ text: String, on link: Link) async throws {
        _ = try await Operation.performUncancelled(.script(text)) { link.submit($0) }
    }

    /// Returns whether the task has to end, and records that it does.
    private func endsWithoutSubscriptions() -> Bool {
        state.withLock { state in
            guard state.subscriptions.isEmpty else { return false }
            (state.signal, state.nextCheck, state.link, state.listening) = (nil, nil, nil, [])
            return true
        }
    }

    private func tick(at now: NIODeadline) -> NIODeadline? {
        state.withLock { state in
            guard let nextCheck = state.nextCheck else { return nil }
            guard nextCheck <= now else { return nextCheck }
            state.signal?.yield()
            // The task sets the next time when it has seen the signal.
            return nil
        }
    }

    private static func quoted(_ channel: String) -> String {
        "\"" + channel.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension NotificationListener: Link.Delegate {
    func linkIsFree(_ link: Link) {}

    func linkClosed(_ link: Link, _ error: PostgreSQLError) {
        state.withLock { state in
            guard state.link === link else { return }
            state.listening = []
            state.signal?.yield()
        }
    }

    func linkReceived(_ payload: String, on channel: String) {
        for continuation in state.withLock({ $0.continuations(of: channel) }) {
            // If an older element was discarded for this one, the consumer has to know.
            if case .dropped = continuation.yield(payload) { continuation.yield(nil) }
        }
    }
}
#endif
