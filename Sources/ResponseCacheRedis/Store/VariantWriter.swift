import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import NIOCore
import RedisTransport
import Synchronization

/// Adds variants of a body that are created after a look-up to the stored entry, so that no other instance creates them again.
final class VariantWriter: Sendable {
    /// A variant of the body of one record.
    private struct Variant: Hashable {
        let identifier: UInt64
        let name: String
    }

    /// The maximum number of concurrent writes. Further variants are not stored; a later look-up creates them again.
    private static let limit = 16

    private let client: RedisClient
    private let settings: RedisStoreSettings
    private let coder: EntryCoder
    private let inProgress = Mutex<Set<Variant>>([])

    init(client: RedisClient, settings: RedisStoreSettings, coder: EntryCoder) {
        self.client = client
        self.settings = settings
        self.coder = coder
    }

    /// Stores the variants of an entry's body that are created from now on.
    ///
    /// - Parameters:
    ///   - entry: The entry of a look-up.
    ///   - key: The entry's key.
    ///   - record: The entry's record. A record that has replaced it meanwhile is not changed.
    func observeVariants(of entry: CacheEntry, for key: CacheKey, in record: EntryRecord) {
        let room = settings.entryByteLimit - record.byteCount
        entry.variants.observing { [self, identifier = record.identifier] name, body in
            let variant = Variant(identifier: identifier, name: name)
            // Concurrent look-ups of one entry may create the same variant.
            guard body.readableBytes < room, begin(variant) else { return }
            // The request that created the variant does not wait for the write.
            Task {
                defer { end(variant) }
                try? await add(body, variant, to: key)
            }
        }
    }

    private func begin(_ variant: Variant) -> Bool {
        inProgress.withLock { $0.count < Self.limit && $0.insert(variant).inserted }
    }

    private func end(_ variant: Variant) {
        inProgress.withLock { _ = $0.remove(variant) }
    }

    /// Adds a variant to a stored entry, unless the entry has been replaced.
    ///
    /// - Throws: `RedisError`.
    private func add(_ body: ByteBuffer, _ variant: Variant, to key: CacheKey) async throws {
        let entryKey = settings.entryKey(key)
        guard case .bytes(let bytes) = try await client.send(["GET", entryKey], isIdempotent: true) else { return }
        let record = try EntryRecord(bytes)
        guard record.identifier == variant.identifier else { return }
        let entry = try coder.decode(record.entry, for: key)
        guard entry.variants[variant.name] == nil else { return }
        entry.variants.restore([(variant.name, body)])
        // The replacement keeps the identifier, so that further variants find it.
        let replacement = record.replacing(entry: try coder.encode(entry, for: key))
        guard replacement.readableBytes <= settings.entryByteLimit else { return }
        _ = try await StoreScripts.replace.run(
            on: client, keys: [entryKey],
            arguments: [.bytes(ByteBuffer(integer: variant.identifier)), .bytes(replacement)],
            isIdempotent: true)
    }
}
