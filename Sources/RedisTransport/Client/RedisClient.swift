import ConcurrencySupport
public import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
import Synchronization

/// A client for a Redis or Valkey server, version 6.2 or later.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let value = try await client.send(["GET", "greeting"], isIdempotent: true)
/// ```
///
/// The client pipelines the commands of all tasks over a small number of connections: commands that are sent at the same time share a
/// write, and none waits for the reply to another. Connections open on first use, so an application starts without its server.
///
/// As a service, the client shuts down gracefully: it rejects new commands and waits for outstanding replies. Running it as a service is
/// optional.
public final class RedisClient: Service, Sendable {
    /// The server.
    public let endpoint: RedisEndpoint
    /// The settings of the client.
    public let settings: RedisClientSettings
    /// The logger of the client.
    package let logger: Logger

    let connections: [RedisConnection]
    private let connector: RedisConnector
    private let eventLoopGroup: any EventLoopGroup
    /// Counts the commands that are sent outside the connections' event loops, for round-robin.
    private let sendCount = Atomic<Int>(0)

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - settings: Timeouts and limits.
    ///   - eventLoopGroup: The event loops of the connections. With the application's own group, requests on an event loop use a
    ///     connection on the same one.
    ///   - logger: Receives failures at level warning and reconnections at level info.
    /// - Throws: ``RedisError/tlsMissing`` if the endpoint requires TLS and the package was built without it,
    ///   ``RedisURLError/socketLength(_:)`` if the path of a socket is too long, and any error of NIOSSL for an invalid TLS configuration.
    public init(
        _ endpoint: RedisEndpoint,
        settings: RedisClientSettings = RedisClientSettings(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis")
    ) throws {
        settings.check()
        self.endpoint = endpoint
        self.settings = settings
        self.logger = logger
        self.eventLoopGroup = eventLoopGroup
        let connector = try RedisConnector(endpoint, settings: settings, logger: logger)
        self.connector = connector
        let peers = PeerConnections()
        // Consecutive connections are on consecutive event loops, so that a client with as many connections has one on each.
        let eventLoops = Array(eventLoopGroup.makeIterator())
        let next = eventLoopGroup.next()
        let first = eventLoops.firstIndex { $0 === next } ?? 0
        connections = (0..<settings.connectionCount).map { number in
            RedisConnection(connector, on: eventLoops[(first + number) % eventLoops.count]) { peers.backOff() }
        }
        peers.connections.withLock { $0 = connections.map(WeakConnection.init) }
    }

    /// Creates a client for the server of a URL: `redis://user:password@host:6379/0`, `rediss://host` for TLS, or
    /// `unix:///run/redis.sock`.
    ///
    /// - Throws: ``RedisURLError``, which names the invalid part, and any error of ``init(_:settings:eventLoopGroup:logger:)``.
    public convenience init(
        url: String,
        settings: RedisClientSettings = RedisClientSettings(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis")
    ) throws {
        try self.init(
            RedisEndpoint(url: url), settings: settings, eventLoopGroup: eventLoopGroup, logger: logger)
    }

    // MARK: Commands

    /// Sends a command on any connection and waits for its reply.
    ///
    /// All tasks share the connections. Do not send commands that change the state of a connection or block it: `SUBSCRIBE`, `MULTI`,
    /// `EXEC`, `WATCH`, `MONITOR`, `SELECT`, `HELLO`, `AUTH`, `CLIENT REPLY`, `RESET`, `QUIT`, and blocking commands such as `BLPOP`.
    /// Replies to other tasks would be wrong or late. Use a client of its own, or a script.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isIdempotent: Whether the server may execute the command twice without harm. It is then retried once if its connection is lost.
    /// - Returns: The reply, which is not an error.
    /// - Throws: ``RedisError``, including error replies of the server.
    public func send(_ command: RedisCommand, isIdempotent: Bool) async throws -> RESPValue {
        try await connection.send(command, isIdempotent: isIdempotent)
    }

    /// Sends a `PING`.
    ///
    /// - Throws: ``RedisError`` if the server does not reply.
    public func ping() async throws {
        _ = try await send(["PING"], isIdempotent: true)
    }

    /// Runs the remaining commands of an operation within what is left of one command's timeout.
    ///
    /// An operation of several commands thus takes no longer than a single command.
    ///
    /// - Parameters:
    ///   - start: The start of the operation.
    ///   - body: Sends the remaining commands.
    /// - Returns: The result of `body`.
    /// - Throws: Any error of `body`, and ``RedisError/timedOut``.
    package func withRemainingTime<Value: Sendable>(
        since start: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let clock = ContinuousClock()
        let remaining = settings.replyTimeout - (clock.now - start)
        guard remaining > .zero else { throw RedisError.timedOut }
        return try await withTimeout(remaining, clock: clock, throwing: RedisError.timedOut, operation: body)
    }

    /// The connection for the next command: the one on the current event loop, which avoids a thread switch, otherwise the next one in
    /// turn. A connection that rejects commands is used only if all do.
    private var connection: RedisConnection {
        if let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop,
            let own = connections.first(where: { $0.eventLoop === eventLoop }), !own.isRefusing
        {
            return own
        }
        let index = Int(sendCount.add(1, ordering: .relaxed).newValue.magnitude % UInt(connections.count))
        guard connections[index].isRefusing else { return connections[index] }
        return connections.first { !$0.isRefusing } ?? connections[index]
    }

    // MARK: Handshake and subscriptions

    /// Adds a command to the handshake of each connection that opens from now on, before its final `PING`.
    ///
    /// An error reply closes the connection. Adding an equal command again has no effect. Connections that are open are not affected: a
    /// caller that depends on the command sends it itself first.
    package func addHandshakeCommand(_ command: RedisCommand) {
        connector.handshakeCommands.add(command)
    }

    /// Subscribes to channels on a connection of its own.
    ///
    /// - Parameters:
    ///   - channels: The names of the channels.
    ///   - delegate: Receives the messages. The subscription references it weakly.
    /// - Returns: The subscription, which ends when it is released.
    package func subscribe(to channels: [String], delegate: any SubscriptionDelegate) -> RedisSubscription {
        let connection = RedisConnection(
            connector, on: eventLoopGroup.next(),
            subscription: ChannelSubscription(channels: channels, delegate: delegate), onTimeout: {})
        connection.connect()
        return RedisSubscription(connection)
    }

    // MARK: Service

    /// Waits for the graceful shutdown, then shuts down the client.
    public func run() async {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Rejects new commands, waits until all outstanding commands have completed or failed, and closes the connections.
    public func shutDown() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.shutDown() } }
        }
    }
}

/// The connections of a client. A timeout on one makes all back off.
private final class PeerConnections: Sendable {
    let connections = Mutex<[WeakConnection]>([])

    func backOff() {
        for connection in connections.withLock({ $0 }) { connection.value?.backOff() }
    }
}

/// A weak reference to a connection.
private struct WeakConnection: Sendable {
    weak let value: RedisConnection?

    init(_ value: RedisConnection) {
        self.value = value
    }
}
