#if PostgreSQL
public import NIOCore

/// A connection of the pool, valid inside the closure that received it only.
public struct PostgreSQLConnection: Sendable {
    /// Executes one statement.
    public func execute(_ text: String, _ parameters: [PostgreSQLValue] = []) async throws -> PostgreSQLResult {
        fatalError()
    }

    /// Executes several statements without parameters, separated by semicolons.
    public func executeScript(_ text: String) async throws { fatalError() }

    /// Runs a closure in a savepoint.
    public func withSavepoint<Value>(_ body: () async throws -> Value) async throws -> Value { fatalError() }

    /// Executes a `COPY … FROM STDIN`.
    public func copyIn(_ text: String, _ bytes: ByteBuffer) async throws -> Int { fatalError() }
}
#endif
