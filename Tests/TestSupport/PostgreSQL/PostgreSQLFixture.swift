#if PostgreSQL
public import PostgreSQLTransport
import Synchronization

/// A database of one test and its clients. The clients are shut down at the end of the test.
public struct PostgreSQLFixture: Sendable {
    /// The server.
    public let server: PostgreSQLServer
    /// The name of the database.
    public let database: String
    private let clients = Clients()

    private init(server: PostgreSQLServer, database: String) {
        self.server = server
        self.database = database
    }

    /// Runs a test with an empty database of the shared server.
    ///
    /// - Throws: Any error of `body`, and `PostgreSQLServerError` if the server does not start.
    public static func with(_ body: (PostgreSQLFixture) async throws -> Void) async throws {
        let server = try await PostgreSQLServer.shared()
        let fixture = PostgreSQLFixture(server: server, database: try await server.createDatabase())
        try await fixture.run(body)
    }

    /// Runs a test with a server of its own.
    ///
    /// - Parameters:
    ///   - settings: Settings such as `max_connections=5`.
    ///   - body: The test.
    /// - Throws: Any error of `body`, and `PostgreSQLServerError` if the server does not start.
    public static func withOwnServer(
        _ settings: [String] = [], _ body: (PostgreSQLFixture) async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer.start(settings)
        let result: Result<Void, any Error>
        do {
            result = .success(try await PostgreSQLFixture(server: server, database: "postgres").run(body))
        } catch {
            result = .failure(error)
        }
        try await server.stop()
        try result.get()
    }

    private func run(_ body: (PostgreSQLFixture) async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        for client in clients.all.withLock({ $0 }) { await client.shutDown() }
        try result.get()
    }

    /// Creates a client of the database.
    ///
    /// - Parameters:
    ///   - url: Another URL.
    ///   - configure: Changes the settings, whose timeouts are generous, because the machine may be busy.
    /// - Returns: The client.
    /// - Throws: The errors of `PostgreSQLClient.init`.
    public func client(
        url: String? = nil, _ configure: (inout PostgreSQLClientSettings) -> Void = { _ in }
    ) throws -> PostgreSQLClient {
        let client = try PostgreSQLClient(url: url ?? server.url(database)) { settings in
            settings.useLongTimeouts()
            settings.reconnectDelay = .milliseconds(5)
            settings.maximumReconnectDelay = .milliseconds(50)
            configure(&settings)
        }
        clients.all.withLock { $0.append(client) }
        return client
    }

    private final class Clients: Sendable {
        let all = Mutex<[PostgreSQLClient]>([])
    }
}

extension PostgreSQLClientSettings {
    /// Sets timeouts that a busy machine does not exceed, on which a task may have to wait for a minute, also within a transaction.
    public mutating func useLongTimeouts() {
        waitingTimeout = .seconds(600)
        connectTimeout = .seconds(30)
        statementTimeout = .seconds(600)
        idleTransactionTimeout = .seconds(600)
    }
}
#endif
