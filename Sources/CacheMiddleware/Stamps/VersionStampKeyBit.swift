public import HTTPPipeline
public import KeyConstructor
import NIOCore

/// A key bit with the current ``VersionStamp`` of some data: the `UpdatedAtKeyBit` of drf-extensions' walkthrough.
///
/// The store is read once per request, regardless of the number of keys that contain the stamp, and again after a handler of an
/// unsafe method has run, so that a recomputed entity tag contains the new stamp.
public struct VersionStampKeyBit: AsyncKeyBit, ImmediateKeyBit, Hashable {
    private let stamp: VersionStamp

    /// Creates a key bit of a stamp.
    public init(_ stamp: VersionStamp) {
        self.stamp = stamp
    }

    /// Creates a key bit of the stamp with a name in a store.
    public init(_ name: String, in store: any CacheStore) {
        self.init(VersionStamp(name, in: store))
    }

    /// The stamp.
    public var inputs: ExchangeInputs { .stamps }

    /// Writes the stamp.
    ///
    /// - Throws: Any error of the store. There is then no key, and the request bypasses the cache.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await stamp.current(for: exchange))
    }

    /// Returns whether the stamp is in memory.
    package func isAvailable(for exchange: Exchange) -> Bool { stamp.immediateReading(for: exchange) != nil }

    /// Writes the stamp if it is in memory.
    package func writeImmediately(_ exchange: Exchange, to writer: inout KeyWriter) -> Bool {
        guard let reading = stamp.immediateReading(for: exchange) else { return false }
        reading.text.withUnsafeReadableBytes { bytes in writer.write(utf8: bytes.bindMemory(to: UInt8.self)) }
        return true
    }

    /// Replaces the stamp, and thereby every key that contains it.
    ///
    /// - Throws: Any error of the store.
    public func touch() async throws {
        try await stamp.touch()
    }

    /// Returns whether both are bits of the same stamp.
    public static func == (left: VersionStampKeyBit, right: VersionStampKeyBit) -> Bool { left.stamp === right.stamp }

    /// Hashes the stamp's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(stamp)) }
}
