import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import ResponseCacheRedis
import Synchronization
import TestSupport

/// A server of a test's own, and clients and stores of it, which all end with the test.
struct RedisFixture: Sendable {
    let server: RedisServer
    private let clients = Clients()

    /// Runs a test with a fresh server.
    static func with(
        arguments: [String] = [], _ body: (RedisFixture) async throws -> Void
    ) async throws {
        let fixture = RedisFixture(server: try await RedisServer.start(arguments: arguments))
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        for task in fixture.clients.tasks.withLock({ $0 }) { task.cancel() }
        for client in fixture.clients.all.withLock({ $0 }) { await client.shutDown() }
        await fixture.server.stop()
        try result.get()
    }

    /// Makes a client, of the server or of what stands in front of it.
    func client(port: Int? = nil, _ change: (inout RedisClientSettings) -> Void = { _ in }) throws -> RedisClient {
        try client(url: "redis://127.0.0.1:\(port ?? server.port)/0", change)
    }

    /// Makes a client with a URL.
    func client(url: String, _ change: (inout RedisClientSettings) -> Void = { _ in }) throws -> RedisClient {
        var settings = RedisClientSettings()
        // Generous, because the machine may be busy; tests of time-outs set their own.
        settings.commandTimeout = .seconds(20)
        settings.connectTimeout = .seconds(20)
        settings.reconnectDelay = .milliseconds(5)
        settings.maximumReconnectDelay = .milliseconds(50)
        change(&settings)
        let client = try RedisClient(url: url, settings: settings)
        clients.all.withLock { $0.append(client) }
        return client
    }

    /// Makes a store whose keys no other has.
    func store(
        _ client: RedisClient, timeSource: any TimeSource = SystemTimeSource(), coder: EntryCoder = EntryCoder(),
        _ change: (inout RedisStoreSettings) -> Void = { _ in }
    ) -> RedisStore {
        var settings = RedisStoreSettings()
        settings.prefix = "test-\(UInt64.random(in: .min ... .max)):"
        change(&settings)
        return RedisStore(client, settings: settings, coder: coder, timeSource: timeSource)
    }

    /// Makes a tiered store that hears what others change.
    func tiered(
        _ shared: RedisStore, timeSource: any TimeSource = SystemTimeSource(),
        settings: TieredStoreSettings = TieredStoreSettings()
    ) async throws -> TieredStore {
        let memory = MemoryStore(byteLimit: 8 << 20, timeSource: timeSource)
        let store = TieredStore(memory: memory, shared: shared, settings: settings)
        let task = Task { await store.run() }
        clients.tasks.withLock { $0.append(task) }
        try await eventually { store.isHearingChanges }
        return store
    }

    private final class Clients: Sendable {
        let all = Mutex<[RedisClient]>([])
        let tasks = Mutex<[Task<Void, Never>]>([])
    }
}

/// Waits until something outside the process has happened.
func eventually(_ condition: () async throws -> Bool) async throws {
    while !(try await condition()) { try await Task.sleep(for: .milliseconds(5)) }
}

extension CacheEntry {
    /// An entry with a text.
    static func text(
        _ text: String, tags: [String] = [], path: String? = nil, expiresAt: Timestamp? = nil
    ) -> CacheEntry {
        CacheEntry(
            status: .ok, headerFields: [.contentType: "text/plain"], body: ByteBuffer(string: text),
            storedAt: SystemTimeSource().now, expiresAt: expiresAt, tags: tags, path: path)
    }

    var text: String { String(buffer: body) }
}
