#if PostgreSQL
import PostgreSQLTransport
import TestSupport

/// An empty database of a test, and a client for it.
struct TestDatabase: Sendable {
    let client: PostgreSQLClient

    /// Creates a database.
    ///
    /// - Parameters:
    ///   - options: The options of `CREATE DATABASE`.
    ///   - schema: Statements to run in it.
    /// - Throws: The errors of the server and of the statements.
    init(_ options: String? = nil, schema: String = "") async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.createDatabase()
        if let options {
            try await server.sql("DROP DATABASE \(name)")
            try await server.sql("CREATE DATABASE \(name) \(options)")
        }
        client = try PostgreSQLClient(url: server.url(name)) {
            $0.maximumConnections = 16
            $0.useLongTimeouts()
        }
        if !schema.isEmpty { try await run(schema) }
    }

    /// Runs statements.
    func run(_ script: String) async throws {
        try await client.withConnection { try await $0.executeScript(script) }
    }

    /// Returns the first cell of the result of a statement.
    func text(_ statement: String) async throws -> String? {
        try await client.execute(statement).text(0, 0)
    }

    /// Returns the number of connections that wait for a lock.
    func lockWaitCount() async throws -> Int? {
        let statement = """
            SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
            """
        return try await text(statement).flatMap { Int($0) }
    }

    /// Runs a test with a database, and closes its connections.
    static func with<Value>(
        _ options: String? = nil, schema: String = "", _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await TestDatabase(options, schema: schema)
        do {
            let value = try await body(database)
            await database.client.shutDown()
            return value
        } catch {
            await database.client.shutDown()
            throw error
        }
    }
}
#endif
