import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import ResponseCacheRedis
import ResponseCompression
import Synchronization

/// The whole pipeline around a handler, with one of the stores.
final class Stack: Sendable {
    enum StoreKind: String {
        case memory, redis, tiered
    }

    let origin = Origin()
    private let store: any CacheStore
    private let client: RedisClient?
    private let service: Task<Void, Never>?
    private let handler: Handler
    /// A hit with a key of many bits costs the same as with another key.
    private let methods: [HTTPRequest.Method]

    /// Creates the pipeline and connects to the server.
    ///
    /// - Parameters:
    ///   - kind: The store.
    ///   - key: The constructor of keys and entity tags.
    ///   - url: The URL of the Redis server; the memory store ignores it.
    /// - Throws: The error of an invalid URL.
    init(_ kind: StoreKind, key: KeyConstructor, url: String) async throws {
        methods = key.names.count > 12 ? [.get, .put] : [.get, .get, .put]
        let memory = MemoryStore(byteLimit: 64 << 20)
        switch kind {
        case .memory:
            (store, client, service) = (memory, nil, nil)
        case .redis:
            let client = try RedisClient(url: url, settings: Self.clientSettings)
            (store, self.client, service) = (RedisStore(client), client, nil)
        case .tiered:
            let client = try RedisClient(url: url, settings: Self.clientSettings)
            let tiered = TieredStore(memory: memory, shared: RedisStore(client))
            (store, self.client, service) = (tiered, client, Task { await tiered.run() })
            while !tiered.isHearingChanges { try await Task.sleep(for: .milliseconds(10)) }
        }
        var settings = CacheSettings()
        settings.storeTimeout = .seconds(60)
        settings.credentialCookies = .allExcept(["a", "*s*n"])
        let (origin, store) = (origin, store)
        handler = Pipeline {
            NegotiationMiddleware()
            CollectBodyMiddleware(upTo: 1 << 20)
            GzipMiddleware()
            ETagMiddleware(key: key) { $0.rebuildsAfterMethodEvaluation = true }
            CacheResponseMiddleware(.minutes(15), key: key, in: store) {
                $0 = settings
                $0.tags = .computed { _, _ in origin.load.tags }
                $0.purgesTags = ["item:{id}"]
            }
        }.wrap { _ in origin.reply() }
    }

    /// Removes all entries and sets the handler's response to that of a load.
    func prepare(for load: Load) async throws {
        origin.respond(with: load)
        try await store.purge(.everything, mode: .hard)
        try await settle()
    }

    /// Sends GET for a miss, GET for a hit, and PUT, which purges.
    ///
    /// - Returns: The statuses and the Cache-Status values.
    func send(_ load: Load) async throws -> String {
        var outcomes: [String] = []
        for method in methods {
            let reply = try await handler(load.exchange(method))
            let status = reply.headerFields[values: HTTPField.Name("Cache-Status")!].joined()
            outcomes.append("\(reply.status.code) \(status)")
        }
        try await settle()
        return outcomes.joined(separator: ", ")
    }

    /// Waits until messages of the server have probably arrived. Late ones change the counts, but not the result.
    private func settle() async throws {
        if client != nil { try await Task.sleep(for: .milliseconds(15)) }
    }

    /// Ends the connections.
    func end() async {
        service?.cancel()
        await client?.shutDown()
    }

    // Everything is slow under valgrind.
    private static let clientSettings: RedisClientSettings = {
        var settings = RedisClientSettings()
        settings.commandTimeout = .seconds(60)
        settings.connectTimeout = .seconds(60)
        // Occasional work would be counted with some requests and not with others.
        settings.heartbeatInterval = .seconds(3600)
        return settings
    }()
}

/// A handler that returns the response of the load.
final class Origin: Sendable {
    private let current = Mutex(Load())

    var load: Load { current.withLock { $0 } }

    func respond(with load: Load) { current.withLock { $0 = load } }

    func reply() -> Reply {
        var fields = load.responseFields
        if !fields.contains(.contentType) { fields[.contentType] = "application/json" }
        return Reply(status: .ok, headerFields: fields, body: ReplyBody(Self.body))
    }

    private static let body = ByteBuffer(repeating: UInt8(ascii: " "), count: 512)
}

/// Negotiates the format and the language, like an application.
struct NegotiationMiddleware: Middleware {
    private let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "csv", mediaType: "text/csv"),
    ])
    private let languages = LanguageNegotiation(["en", "de", "fr"])

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        var exchange = exchange
        let fields = exchange.request.headerFields
        exchange.format = try? formats.format(accept: fields[.accept], query: exchange.queryParameters["format"]).name
        exchange.language = languages.language(accept: fields[.acceptLanguage])
        return try await next(exchange)
    }
}
