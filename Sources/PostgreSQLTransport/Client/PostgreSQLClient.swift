#if PostgreSQL
public import ServiceLifecycle

/// A bounded pool of connections to a PostgreSQL server, version 15 or later.
///
/// ```swift
/// let client = try PostgreSQLClient(url: "postgres://user:password@localhost:5432/shop")
/// let result = try await client.execute("SELECT name FROM products WHERE id = $1", [.integer(7)])
/// let name = result.text(0, 0)
/// ```
///
/// Connections open on first use, so an application starts without its server. Requests wait for a connection in the order in which they
/// arrive.
///
/// As a service, the client shuts down gracefully: it rejects new requests and waits for the others. Statements work before ``run()`` as
/// well. A client that is released closes its connections.
public final class PostgreSQLClient: Service, Sendable {
    /// The settings of the client.
    public let settings: PostgreSQLClientSettings
    let pool: ConnectionPool
    let listener: NotificationListener
    private let observer: PostgreSQLObserver

    /// Creates a client for the server of a URL: `postgres://user:password@host:5432/database?sslmode=verify-full`.
    ///
    /// The query has parameters of libpq, such as `sslmode` (by default `prefer`) and `sslrootcert`. What is missing in the URL is taken
    /// from the environment, as libpq does (`PGPASSWORD` and others).
    ///
    /// - Parameters:
    ///   - url: The URL.
    ///   - configure: Changes the settings.
    /// - Throws: ``PostgreSQLURLError``, which names the invalid part, and ``PostgreSQLError`` if the process has no further file
    ///   descriptors.
    public init(url: String, configure: (inout PostgreSQLClientSettings) -> Void = { _ in }) throws {
        var settings = PostgreSQLClientSettings()
        configure(&settings)
        settings.check()
        self.settings = settings
        let parameters = try ConnectionParameters(url: url, settings: settings)
        let connector = Connector(parameters: parameters, timeout: settings.connectTimeout)
        observer = PostgreSQLObserver(parameters, settings)
        pool = try ConnectionPool(connector, settings: settings, observer: observer)
        listener = NotificationListener(
            connector, settings: settings, reactor: pool.reactor, metadata: observer.metadata)
    }

    deinit {
        listener.close()
        pool.close()
    }

    /// Identifies the client, for repositories and queues that must share one.
    public var identity: ObjectIdentifier { ObjectIdentifier(self) }

    // MARK: Statements

    /// Executes one statement on any connection of the pool.
    ///
    /// The statement is prepared when a connection executes the same text a second time. If the task is cancelled, the server's statement
    /// is cancelled, and the function returns when it has ended.
    ///
    /// - Parameters:
    ///   - text: The statement, with the parameters `$1`, `$2` and so on.
    ///   - parameters: The values of the parameters.
    /// - Returns: The result.
    /// - Throws: ``PostgreSQLError``, and `CancellationError` if the task was cancelled.
    public func execute(_ text: String, _ parameters: [PostgreSQLValue] = []) async throws -> PostgreSQLResult {
        let request = Operation.Request.statement(text, try StatementParameters(parameters))
        return try await observer.measure(text) {
            try await Operation.perform(
                request, isPooled: true, submit: { pool.submit($0) }, cancel: { [pool] in pool.cancel($0) })
        }
    }

    /// Executes one statement that changes nothing, and executes it once more if the connection is lost or the server ends it.
    ///
    /// - Parameters:
    ///   - text: The statement, with the parameters `$1`, `$2` and so on.
    ///   - parameters: The values of the parameters.
    /// - Returns: The result.
    /// - Throws: The errors of ``execute(_:_:)``.
    public func read(_ text: String, _ parameters: [PostgreSQLValue] = []) async throws -> PostgreSQLResult {
        do {
            return try await execute(text, parameters)
        } catch let error as PostgreSQLError where error.kind == .unavailable && !error.isFromPool {
            return try await execute(text, parameters)
        }
    }

    /// Runs a closure with a connection of the pool.
    ///
    /// A connection with an open transaction or an unfinished statement at the end of the closure is closed.
    ///
    /// - Parameter body: Uses the connection, which is valid until the closure returns.
    /// - Returns: The result of the closure.
    /// - Throws: Any error of the closure, ``PostgreSQLError`` if there is no connection, and `CancellationError` if the task is cancelled
    ///   while it waits for one.
    public func withConnection<Value>(_ body: (PostgreSQLConnection) async throws -> Value) async throws -> Value {
        let link = try await pool.lend()
        defer { pool.takeBack(link) }
        return try await body(PostgreSQLConnection(link, observer))
    }

    /// Runs a closure in a transaction: `COMMIT` if it returns, `ROLLBACK` if it throws, both even if the task is cancelled.
    ///
    /// If `COMMIT` fails with ``PostgreSQLError/Kind/unavailable`` or ``PostgreSQLError/Kind/timeout``, the transaction may have been
    /// committed.
    ///
    /// - Parameters:
    ///   - isolation: The isolation level.
    ///   - body: Executes the statements of the transaction.
    /// - Returns: The result of the closure.
    /// - Throws: Any error of the closure, and ``PostgreSQLError``: also with the code `25P02` if the closure returned although one of its
    ///   statements had failed.
    public func withTransaction<Value>(
        _ isolation: PostgreSQLIsolation = .readCommitted, _ body: (PostgreSQLConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.executeScript("BEGIN ISOLATION LEVEL \(isolation.rawValue)")
            let value: Value
            do {
                value = try await body(connection)
            } catch {
                // If this fails, the connection is closed, which ends the transaction.
                _ = try? await connection.performUncancelled("ROLLBACK")
                throw error
            }
            let result = try await connection.performUncancelled("COMMIT")
            // The server's reply to COMMIT in a failed transaction.
            guard result.command != "ROLLBACK" else {
                throw PostgreSQLError(
                    .server, "the transaction was rolled back, because one of its statements failed", sqlState: "25P02")
            }
            return value
        }
    }

    // MARK: Notifications

    /// The notifications of a channel, from one connection that listens to all channels of the client.
    ///
    /// The sequence has the payload of each notification; and nil when listening begins, after each reconnect, and when the consumer was
    /// too slow (``PostgreSQLClientSettings/notificationLimit``), since some may have been lost then. It ends when the client is shut down
    /// or released.
    ///
    /// - Parameter channel: The name of the channel, case-sensitive.
    /// - Returns: The notifications since listening began. The connection opens when this function is called, and closes when no sequence
    ///   is left.
    public func notifications(on channel: String) -> some AsyncSequence<String?, Never> & Sendable {
        listener.notifications(on: channel)
    }

    // MARK: Service

    /// Waits for the graceful shutdown, then shuts down the client. If the task is cancelled, the connections are closed at once.
    public func run() async throws {
        await withTaskCancellationHandler {
            try? await gracefulShutdown()
            await shutDown()
        } onCancel: {
            listener.close()
            pool.close()
        }
    }

    /// Rejects new requests, waits until all others have completed or failed, and closes the connections.
    public func shutDown() async {
        listener.close()
        await pool.shutDown()
    }
}
#endif
