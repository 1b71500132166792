import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import NIOCore
import Synchronization

/// Stores encodings of a body that are made after the entry was found, so that no other instance, and no later look-up, makes them
/// again.
final class EncodingKeeper: Sendable {
    /// An encoding of what is in a record.
    private struct Encoding: Hashable {
        let identifier: UInt64
        let name: String
    }

    /// How many encodings are being stored at the same time at most. More are left to later look-ups.
    private static let limit = 16

    private let client: RedisClient
    private let settings: RedisStoreSettings
    private let coder: EntryCoder
    private let present = Mutex<Set<Encoding>>([])

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
    ///   - record: Its record. Another one is left alone.
    func keep(of entry: CacheEntry, for key: CacheKey, in record: EntryRecord) {
        let room = settings.entryByteLimit - record.byteCount
        entry.variants.observing { [self, identifier = record.identifier] name, body in
            let encoding = Encoding(identifier: identifier, name: name)
            // Many look-ups of one entry may make the same encoding at the same time.
            guard body.readableBytes < room, begin(encoding) else { return }
            // Whoever made it does not wait.
            Task {
                defer { end(encoding) }
                try? await add(body, encoding, to: key)
            }
        }
    }

    private func begin(_ encoding: Encoding) -> Bool {
        present.withLock { $0.count < Self.limit && $0.insert(encoding).inserted }
    }

    private func end(_ encoding: Encoding) {
        present.withLock { _ = $0.remove(encoding) }
    }

    /// Adds an encoding to an entry of the server, if it is still the same.
    ///
    /// - Throws: ``RedisError``.
    private func add(_ body: ByteBuffer, _ encoding: Encoding, to key: CacheKey) async throws {
        let entryKey = settings.entryKey(key)
        guard case .bytes(let bytes) = try await client.send(["GET", entryKey], isRepeatable: true) else { return }
        let record = try EntryRecord(bytes)
        guard record.identifier == encoding.identifier else { return }
        let entry = try coder.decode(record.entry, for: key)
        guard entry.variants[encoding.name] == nil else { return }
        entry.variants.restore([(encoding.name, body)])
        // It keeps the identifier, so that further encodings find it.
        let replacement = record.replacing(entry: try coder.encode(entry, for: key))
        guard replacement.readableBytes <= settings.entryByteLimit else { return }
        _ = try await StoreScripts.replace.run(
            on: client, keys: [entryKey],
            arguments: [.bytes(ByteBuffer(integer: encoding.identifier)), .bytes(replacement)],
            isRepeatable: true)
    }
}
