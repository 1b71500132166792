import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import NIOCore

extension RedisStore {
    /// Stores encodings of the body that are made from now on, so that no other instance, and no later look-up, makes them again.
    ///
    /// - Parameters:
    ///   - entry: The entry as it was found or stored.
    ///   - key: Its key.
    ///   - identifier: The identifier of its record. Another record is left alone.
    func keepEncodings(of entry: CacheEntry, for key: CacheKey, identifier: UInt64) {
        entry.variants.observing { [weak self] name, body in
            // Whoever made it does not wait.
            Task { try? await self?.add(body, named: name, to: key, identifier: identifier) }
        }
    }

    /// Adds an encoding to an entry of the server, if it is still the same.
    ///
    /// - Throws: ``RedisError``.
    private func add(_ body: ByteBuffer, named name: String, to key: CacheKey, identifier: UInt64) async throws {
        let entryKey = entryKey(key)
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
