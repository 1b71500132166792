import CacheMiddleware
public import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
import Synchronization

/// A client of a Redis or Valkey server (6.2 or later), for ``RedisStore``.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let store = RedisStore(client)
/// application.addServices(client)
/// ```
///
/// A small set of connections carries the commands of all tasks; those that come at the same time are sent together, and nobody
/// waits for another one's reply. The connections are made when they are needed, so a server that is not there yet keeps nothing
/// from starting.
///
/// As a service it ends gracefully: what was sent is answered, what comes later is refused. It works without being run as one, too.
public final class RedisClient: Service, Sendable {
    /// The server.
    public let endpoint: RedisEndpoint

    let connector: RedisConnector
    let eventLoopGroup: any EventLoopGroup
    let connections: [RedisConnection]
    private let turn = Atomic<Int>(0)

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - settings: Time-outs and limits.
    ///   - eventLoopGroup: Where the connections live; that of the application, whose requests then find one where they run.
    ///   - logger: Is told when the server fails.
    /// - Throws: ``RedisError/tlsMissing`` when the endpoint asks for TLS and the package was built without it,
    ///   ``RedisURLError/socketLength(_:)`` when the path of a socket is too long, and what NIOSSL throws for settings it cannot use.
    public init(
        _ endpoint: RedisEndpoint,
        settings: RedisClientSettings = RedisClientSettings(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis")
    ) throws {
        settings.check()
        self.endpoint = endpoint
        self.eventLoopGroup = eventLoopGroup
        let connector = try RedisConnector(endpoint, settings: settings, logger: logger)
        self.connector = connector
        let suspects = Suspects()
        // One event loop after the other: as many connections as there are event loops are one on each.
        let eventLoops = Array(eventLoopGroup.makeIterator())
        let next = eventLoopGroup.next()
        let first = eventLoops.firstIndex { $0 === next } ?? 0
        connections = (0..<settings.connectionCount).map { number in
            RedisConnection(connector, on: eventLoops[(first + number) % eventLoops.count]) { suspects.suspect() }
        }
        suspects.connections.withLock { $0 = connections.map(WeakConnection.init) }
    }

    /// Creates a client of the server that a URL names: `redis://user:password@host:6379/0`, `rediss://host` for TLS, or
    /// `unix:///run/redis.sock`.
    ///
    /// - Throws: ``RedisURLError`` that names the part that is wrong, and what ``init(_:settings:eventLoopGroup:logger:)`` throws.
    public convenience init(
        url: String,
        settings: RedisClientSettings = RedisClientSettings(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "redis")
    ) throws {
        try self.init(
            RedisEndpoint(url: url), settings: settings, eventLoopGroup: eventLoopGroup, logger: logger)
    }

    /// Asks the server whether it is there.
    ///
    /// - Throws: ``RedisError``.
    public func ping() async throws {
        _ = try await send(["PING"], isRepeatable: true)
    }

    /// The bytes under a key of the server, or nil: for the benchmarks, which compare it with other clients.
    ///
    /// - Throws: ``RedisError``.
    @_spi(Benchmarks)
    public func get(_ key: String) async throws -> ByteBuffer? {
        guard case .bytes(let bytes) = try await send(["GET", .text(key)], isRepeatable: true) else { return nil }
        return bytes
    }

    /// Waits for the graceful shutdown and ends the connections.
    public func run() async {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Refuses commands from now on, and returns when those that were sent have their replies or have failed.
    public func shutDown() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.shutDown() } }
        }
    }

    /// Sends a command on any connection.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isRepeatable: Whether it does no harm when the server carries it out twice.
    /// - Returns: The reply, which is no error.
    /// - Throws: ``RedisError``.
    package func send(_ command: RedisCommand, isRepeatable: Bool) async throws -> RESPValue {
        try await connection.send(command, isRepeatable: isRepeatable)
    }

    /// Runs what an operation does after its first command, for as long as is left of a command's time: an operation takes no longer
    /// than one command may.
    ///
    /// - Parameters:
    ///   - start: When the operation began.
    ///   - body: The rest of it.
    /// - Returns: What the rest returns.
    /// - Throws: What the rest throws, and ``RedisError/timedOut``.
    func finish<Value: Sendable>(
        since start: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let left = connector.settings.replyTimeout - (ContinuousClock.now - start)
        guard left > .zero else { throw RedisError.timedOut }
        do {
            return try await Race(body).first(within: left, of: ContinuousClock())
        } catch is StoreFailure {
            throw RedisError.timedOut
        }
    }

    /// The connection of the present event loop, whose threads then need not wait for each other; elsewhere any, in turns. One that
    /// has failed only when all have.
    private var connection: RedisConnection {
        if let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop,
            let own = connections.first(where: { $0.eventLoop === eventLoop }), !own.isRefusing
        {
            return own
        }
        let turn = Int(turn.add(1, ordering: .relaxed).newValue.magnitude % UInt(connections.count))
        guard connections[turn].isRefusing else { return connections[turn] }
        return connections.first { !$0.isRefusing } ?? connections[turn]
    }
}

/// The connections of a client, which one of them warns.
private final class Suspects: Sendable {
    let connections = Mutex<[WeakConnection]>([])

    func suspect() {
        for connection in connections.withLock({ $0 }) { connection.value?.suspect() }
    }
}

/// A connection that is not kept by this.
private struct WeakConnection: Sendable {
    weak let value: RedisConnection?

    init(_ value: RedisConnection) {
        self.value = value
    }
}
