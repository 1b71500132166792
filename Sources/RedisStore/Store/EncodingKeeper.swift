import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import NIOCore

/// Stores encodings of a body that are made after the entry was found, so that no other instance, and no later look-up, makes them
/// again.
final class EncodingKeeper: Sendable {
    private let client: RedisClient
    private let settings: RedisStoreSettings
    private let coder: EntryCoder

    init(client: RedisClient, settings: RedisStoreSettings, coder: EntryCoder) {
        self.client = client
        self.settings = settings
        self.coder = coder
    }

    /// Stores encodings of an entry's body that are made from now on.
    ///
    /// - Parameters:
    ///   - entry: The entry as it was found.
    ///   - key: Its key.
    ///   - identifier: The identifier of its record. Another record is left alone.
    func keep(of entry: CacheEntry, for key: CacheKey, identifier: UInt64) {
        entry.variants.observing { [self] name, body in
            // Whoever made it does not wait.
            Task { try? await add(body, named: name, to: key, identifier: identifier) }
        }
    }

    /// Adds an encoding to an entry of the server, if it is still the same.
    ///
    /// - Throws: ``RedisError``.
    private func add(_ body: ByteBuffer, named name: String, to key: CacheKey, identifier: UInt64) async throws {
        let entryKey = settings.entryKey(key)
        guard case .bytes(let bytes) = try await client.send(["GET", entryKey], isRepeatable: true) else { return }
        let record = try EntryRecord(bytes)
        guard record.identifier == identifier else { return }
        let entry = try coder.decode(record.entry, for: key)
        entry.variants.restore([(name, body)])
        let replacement = EntryRecord.encoded(
            try coder.encode(entry, for: key), labels: PurgeLabels(of: entry, under: key))
        guard replacement.readableBytes <= settings.entryByteLimit else { return }
        _ = try await StoreScripts.replace.run(
            on: client, keys: [entryKey],
            arguments: [.bytes(ByteBuffer(integer: identifier)), .bytes(replacement)],
            isRepeatable: true)
    }
}
