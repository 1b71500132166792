public import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A name for the present state of some data, kept in a store and replaced by every write to the data.
///
/// It is the invalidation pattern of drf-extensions' walkthrough: keys hold the stamp (``VersionStampKeyBit``), so after a
/// write every answer has a new key and a new entity tag, and what was cached before is never asked for again.
///
/// ```swift
/// let stamp = VersionStamp("cities", in: store)
/// let key = KeyConstructor.safeDefault.adding(["updated_at": .custom(VersionStampKeyBit(stamp))])
/// try await database.write { ... }
/// try await stamp.touch()
/// ```
///
/// A stamp is never used twice, whoever makes it, so several processes can share one in a shared store. A store that loses
/// it gets a new one, which makes everything new and nothing wrong.
///
/// Touch the stamp when a write is visible to readers: before, a request could read the old data under the new stamp.
public final class VersionStamp: Sendable {
    /// The name of the data.
    public let name: String

    private let key: CacheKey
    private let store: any CacheStore
    private let timeSource: any TimeSource

    /// Creates a stamp.
    ///
    /// - Parameters:
    ///   - name: The name of the data. Stamps of one name in one store are one stamp.
    ///   - store: Where the stamp is kept.
    ///   - timeSource: Tells the time, which is a part of each stamp.
    public init(_ name: String, in store: any CacheStore, timeSource: any TimeSource = SystemTimeSource()) {
        self.name = name
        self.key = CacheKey(digestOf: "version-stamp:\(name)")
        self.store = store
        self.timeSource = timeSource
    }

    /// The present stamp; a new one when the store has none.
    ///
    /// - Throws: What the store throws.
    public func current() async throws -> String {
        if let entry = try await store.entry(for: key) { return String(buffer: entry.body) }
        return try await touch()
    }

    /// When the stamp was replaced last, for Last-Modified; now, with a new stamp, when the store has none.
    ///
    /// - Throws: What the store throws.
    public func lastTouched() async throws -> Timestamp {
        if let entry = try await store.entry(for: key) { return entry.storedAt }
        try await touch()
        return timeSource.now
    }

    /// Replaces the stamp, and with it the keys of everything that holds it.
    ///
    /// - Returns: The new stamp.
    /// - Throws: What the store throws; the old stamp may then still be there.
    @discardableResult
    public func touch() async throws -> String {
        let now = timeSource.now
        // The time is for people who read a key. That no two stamps are the same is the random number's doing.
        let stamp = "\(now.nanoseconds / 1000)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let entry = CacheEntry(status: .ok, body: ByteBuffer(string: stamp), storedAt: now)
        try await store.store(entry, for: key, unlessPurgedSince: nil)
        return stamp
    }
}
