#if PostgreSQL
public import ServiceLifecycle

/// A bounded pool of connections to a PostgreSQL server, version 15 or later.
public final class PostgreSQLClient: Service, Sendable {
    /// Creates a client.
    public init(_ url: String, configure: (inout PostgreSQLClientSettings) -> Void = { _ in }) throws { fatalError() }
    /// Waits for the graceful shutdown, then shuts down the client.
    public func run() async throws {}
    /// Runs a closure with a connection of the pool.
    public func withConnection<Value>(_ body: (PostgreSQLConnection) async throws -> Value) async throws -> Value {
        fatalError()
    }
    /// Runs a closure in a transaction.
    public func withTransaction<Value>(
        _ isolation: PostgreSQLIsolation = .readCommitted, _ body: (PostgreSQLConnection) async throws -> Value
    ) async throws -> Value { fatalError() }
    /// Executes one statement on any connection of the pool.
    public func execute(_ text: String, _ parameters: [PostgreSQLValue] = []) async throws -> PostgreSQLResult {
        fatalError()
    }
    /// Notifications of a channel.
    public func notifications(on channel: String) -> some AsyncSequence<String?, Never> {
        AsyncStream<String?> { $0.finish() }
    }
    /// Shuts down the client.
    public func shutDown() async {}
    /// Identifies the client.
    public var identity: ObjectIdentifier { ObjectIdentifier(self) }
}
#endif
