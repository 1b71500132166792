public import RedisTransport
import Synchronization

/// A server of one test and its clients. All end with the test.
public struct RedisFixture: Sendable {
    /// The server.
    public let server: RedisServer
    private let resources = Resources()

    private init(server: RedisServer) {
        self.server = server
    }

    /// Runs a test with a new server.
    ///
    /// - Parameters:
    ///   - arguments: Further arguments of the server.
    ///   - body: The test.
    /// - Throws: Any error of `body`, and `RedisServerError` if the server does not start.
    public static func with(
        arguments: [String] = [], _ body: (RedisFixture) async throws -> Void
    ) async throws {
        let fixture = RedisFixture(server: try await RedisServer.start(arguments: arguments))
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        for task in fixture.resources.tasks.withLock({ $0 }) { task.cancel() }
        for client in fixture.resources.clients.withLock({ $0 }) { await client.shutDown() }
        await fixture.server.stop()
        try result.get()
    }

    /// Creates a client of the server, or of a proxy on another port.
    ///
    /// - Throws: The errors of `RedisClient.init`.
    public func client(
        port: Int? = nil, _ change: (inout RedisClientSettings) -> Void = { _ in }
    ) throws -> RedisClient {
        try client(url: "redis://127.0.0.1:\(port ?? server.port)/0", change)
    }

    /// Creates a client for a URL.
    ///
    /// - Throws: The errors of `RedisClient.init`.
    public func client(
        url: String, _ change: (inout RedisClientSettings) -> Void = { _ in }
    ) throws -> RedisClient {
        var settings = RedisClientSettings()
        // Generous, because the machine may be busy. Tests of timeouts set their own.
        settings.commandTimeout = .seconds(20)
        settings.connectTimeout = .seconds(20)
        settings.reconnectDelay = .milliseconds(5)
        settings.maximumReconnectDelay = .milliseconds(50)
        change(&settings)
        let client = try RedisClient(url: url, settings: settings)
        resources.clients.withLock { $0.append(client) }
        return client
    }

    /// Cancels a task at the end of the test.
    public func cancelAtEnd(_ task: Task<Void, Never>) {
        resources.tasks.withLock { $0.append(task) }
    }

    private final class Resources: Sendable {
        let clients = Mutex<[RedisClient]>([])
        let tasks = Mutex<[Task<Void, Never>]>([])
    }
}
