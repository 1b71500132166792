public import HTTPPipeline
import HTTPTypes
public import KeyConstructor
public import Logging
import NIOCore

/// Stores answers under composed keys and gives them again without running the handler: drf-extensions' `cache_response`.
///
/// ```swift
/// Pipeline {
///     CacheResponseMiddleware(timeout: .minutes(15), key: .city, in: MemoryStore(byteLimit: 64 << 20))
/// }
/// ```
///
/// GET and HEAD are answered from the store; only answers to GET are stored. Status, header fields and body are kept. Every
/// answer that the handler returned, and every stored one, says in Cache-Status (RFC 9211) what the cache did; a stored one
/// also has its Age (RFC 9111 section 5.1).
///
/// A body of known size is collected up to ``maximumBodySize``; one of unknown size goes to the client as it comes, and is
/// stored when it has ended within the limit. A larger body passes through.
///
/// What may be stored is decided by ``Sharing``. Errors are stored only when asked for. A store that fails is a miss, and a key
/// that cannot be made sends the request past the cache.
public struct CacheResponseMiddleware: Middleware {
    /// The largest body that is stored, in bytes.
    public let maximumBodySize: Int

    private let timeout: CacheTimeout
    private let key: KeyConstructor
    private let policy: StoragePolicy
    private let entries: EntryAccess
    private let name: String
    /// What a hit says, made once.
    private let hit: HTTPField

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - timeout: How long a stored answer is used.
    ///   - key: Makes the key. The default holds all that an answer can depend on, `KeyConstructor.safeDefault`.
    ///   - store: Where answers are kept.
    ///   - cacheErrors: Whether answers with a status of 400 and above, and rendered errors, are stored.
    ///   - sharing: Whose requests a stored answer may be given to.
    ///   - maximumBodySize: The largest body that is stored, in bytes.
    ///   - name: What the cache calls itself in Cache-Status: a token of RFC 9110.
    ///   - timeSource: Tells when an answer is stored.
    ///   - logger: Is told of stores that fail.
    public init(
        timeout: CacheTimeout,
        key: KeyConstructor = .safeDefault,
        in store: any CacheStore,
        cacheErrors: Bool = false,
        sharing: Sharing = .guarded,
        maximumBodySize: Int = 1 << 20,
        name: String = "ResponseCache",
        timeSource: any TimeSource = SystemTimeSource(),
        logger: Logger = Logger(label: "ResponseCache")
    ) {
        self.timeout = timeout
        self.key = key
        self.policy = StoragePolicy(separates: key.separates, sharing: sharing, cachesErrors: cacheErrors)
        self.entries = EntryAccess(store: store, timeout: timeout, timeSource: timeSource, logger: logger)
        self.maximumBodySize = maximumBodySize
        self.name = name
        self.hit = CacheStatus.hit.field(cache: name)
    }

    /// Creates the middleware with a store by name.
    ///
    /// A name that is not among the stores is a mistake in the application and stops it here, at its start.
    ///
    /// - Parameters:
    ///   - timeout: How long a stored answer is used.
    ///   - key: Makes the key.
    ///   - cache: The name of the store.
    ///   - stores: The application's stores.
    ///   - cacheErrors: Whether answers with a status of 400 and above, and rendered errors, are stored.
    ///   - sharing: Whose requests a stored answer may be given to.
    public init(
        timeout: CacheTimeout,
        key: KeyConstructor = .safeDefault,
        cache: String = "default",
        of stores: CacheStores,
        cacheErrors: Bool = false,
        sharing: Sharing = .guarded
    ) {
        guard let store = stores[cache] else {
            preconditionFailure("there is no cache called '\(cache)'; the stores are \(stores.names)")
        }
        self.init(timeout: timeout, key: key, in: store, cacheErrors: cacheErrors, sharing: sharing)
    }

    /// Answers from the store, or from what it wraps, and stores that answer if it may be.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - next: What the cache wraps.
    /// - Returns: The reply with its Cache-Status.
    /// - Throws: What the handler throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let method = exchange.request.method
        guard method == .get || method == .head else {
            return finished(try await next(exchange), .forwarded(.method))
        }
        if let reason = policy.bypass(exchange) {
            return finished(try await next(exchange), .forwarded(.bypass, detail: reason))
        }
        // What needs not be waited for is not called as if it had to.
        var found = key.synchronousKey(for: exchange)
        if found == nil { found = await entries.key(key, for: exchange) }
        guard let key = found else {
            return finished(try await next(exchange), .forwarded(.bypass, detail: .key))
        }
        let entry =
            if let memoryStore = entries.memoryStore {
                memoryStore.entry(for: key)
            } else {
                await entries.entry(for: key)
            }
        if let entry {
            return reply(of: entry, isHead: method == .head)
        }
        let reply = try await next(exchange)
        // What answers HEAD may be without a body and without what only GET computes.
        guard method == .get else { return finished(reply, .forwarded(.uriMiss, detail: .head)) }
        return try await stored(reply, of: exchange, under: key)
    }

    /// The reply with its body, stored under `key` if it may be.
    private func stored(_ reply: Reply, of exchange: Exchange, under key: CacheKey) async throws -> Reply {
        let rejection = timeout.storesNothing ? .timeout : policy.rejection(of: reply, to: exchange)
        if let rejection {
            return finished(reply, .forwarded(.uriMiss, detail: rejection))
        }
        guard let contentLength = reply.body.contentLength else {
            var reply = reply
            reply.body = ReplyBody(
                .stream(TeeBody(body: reply.body, reply: reply, limit: maximumBodySize, key: key, entries: entries))
            )
            return finished(reply, .forwarded(.uriMiss, detail: .streaming))
        }
        guard contentLength <= maximumBodySize else {
            return finished(reply, .forwarded(.uriMiss, detail: .tooLarge))
        }
        let collected = try await reply.body.collect(upTo: maximumBodySize)
        var reply = reply
        reply.body = collected.body
        guard collected.trailers == nil else { return finished(reply, .forwarded(.uriMiss, detail: .trailers)) }
        let isStored = await entries.store(reply, body: collected.buffer, for: key)
        return finished(reply, isStored ? .stored : .forwarded(.uriMiss, detail: .store))
    }

    private func reply(of entry: CacheEntry, isHead: Bool) -> Reply {
        let fields = entry.hitFields.fields(of: entry, at: entries.timeSource.now, status: hit)
        var reply = Reply(status: entry.status, headerFields: fields, body: ReplyBody(entry.body))
        if isHead {
            // The size GET would have is all that HEAD tells of the body.
            reply.headerFields[.contentLength] = String(entry.body.readableBytes)
            reply.body = .empty
        }
        reply.body.variants = entry.variants
        if entry.isThrownError { reply.thrownError = StoredError() }
        return reply
    }

    private func finished(_ reply: Reply, _ status: CacheStatus) -> Reply {
        var reply = reply
        reply.headerFields.append(status.field(cache: name))
        return reply
    }
}
