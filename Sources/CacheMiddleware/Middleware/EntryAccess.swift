import HTTPPipeline
import KeyConstructor
import Logging
import NIOCore

/// Reads and writes the entries of a store on behalf of a cache, and turns what fails into a miss and a line in the log.
struct EntryAccess: Sendable {
    let store: any CacheStore
    let timeout: CacheTimeout
    let timeSource: any TimeSource
    let logger: Logger
    /// The store, if it is one that answers at once.
    let memoryStore: MemoryStore?

    init(store: any CacheStore, timeout: CacheTimeout, timeSource: any TimeSource, logger: Logger) {
        self.store = store
        self.timeout = timeout
        self.timeSource = timeSource
        self.logger = logger
        self.memoryStore = store as? MemoryStore
    }

    /// The key for an exchange, or nil when a bit cannot be evaluated now.
    func key(_ constructor: KeyConstructor, for exchange: Exchange) async -> CacheKey? {
        do {
            return try await constructor.key(for: exchange)
        } catch {
            logger.warning("cache key failed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    func entry(for key: CacheKey) async -> CacheEntry? {
        do {
            return try await store.entry(for: key)
        } catch {
            logger.warning("cache store failed to read", metadata: ["error": "\(error)", "key": "\(key)"])
            return nil
        }
    }

    /// Stores a reply.
    ///
    /// - Returns: Whether the store took it.
    func store(_ reply: Reply, body: ByteBuffer, for key: CacheKey) async -> Bool {
        let now = timeSource.now
        let entry = CacheEntry(
            status: reply.status,
            headerFields: reply.headerFields.stored,
            body: body,
            storedAt: now,
            expiresAt: timeout.duration.map { now + $0 },
            isThrownError: reply.thrownError != nil
        )
        do {
            return try await store.store(entry, for: key)
        } catch {
            logger.warning("cache store failed to write", metadata: ["error": "\(error)", "key": "\(key)"])
            return false
        }
    }
}
