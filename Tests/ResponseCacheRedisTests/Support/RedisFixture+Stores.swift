import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import ResponseCacheRedis
import TestSupport

extension RedisFixture {
    /// Creates a store with a random key prefix.
    func store(
        _ client: RedisClient, timeSource: any TimeSource = SystemTimeSource(), coder: EntryCoder = EntryCoder(),
        _ change: (inout RedisStoreSettings) -> Void = { _ in }
    ) -> RedisStore {
        var settings = RedisStoreSettings()
        settings.prefix = "test-\(UInt64.random(in: .min ... .max)):"
        change(&settings)
        return RedisStore(client, settings: settings, coder: coder, timeSource: timeSource)
    }

    /// Creates a tiered store that is subscribed to changes.
    func tiered(
        _ shared: RedisStore, timeSource: any TimeSource = SystemTimeSource(),
        settings: TieredStoreSettings = TieredStoreSettings()
    ) async throws -> TieredStore {
        let memory = MemoryStore(byteLimit: 8 << 20, timeSource: timeSource)
        let store = TieredStore(memory: memory, shared: shared, settings: settings)
        cancelAtEnd(Task { await store.run() })
        try await eventually { store.isHearingChanges }
        return store
    }
}

extension CacheEntry {
    /// An entry with a plain-text body.
    static func text(
        _ text: String, tags: [String] = [], path: String? = nil, expiresAt: Timestamp? = nil
    ) -> CacheEntry {
        CacheEntry(
            status: .ok, headerFields: [.contentType: "text/plain"], body: ByteBuffer(string: text),
            storedAt: SystemTimeSource().now
        ) {
            $0.expiresAt = expiresAt
            $0.tags = tags
            $0.path = path
        }
    }

    var text: String { String(buffer: body) }
}
