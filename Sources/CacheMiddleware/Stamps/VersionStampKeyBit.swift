public import HTTPPipeline
public import KeyConstructor

/// The present ``VersionStamp`` of some data: the `UpdatedAtKeyBit` of drf-extensions' walkthrough.
///
/// The store is read once per request, however many keys hold the stamp, and again when a handler of an unsafe method has
/// run, so that a rebuilt entity tag is the new one.
public struct VersionStampKeyBit: AsyncKeyBit, Hashable {
    private let stamp: VersionStamp

    /// Creates the bit.
    public init(_ stamp: VersionStamp) {
        self.stamp = stamp
    }

    /// Creates the bit with the stamp of a name in a store.
    public init(_ name: String, in store: any CacheStore) {
        self.init(VersionStamp(name, in: store))
    }

    /// Writes the stamp.
    ///
    /// - Throws: What the store throws. There is no key then: the request goes past the cache.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        writer.write(try await stamp.current(for: exchange))
    }

    /// Replaces the stamp, and with it the keys of everything that holds it.
    ///
    /// - Throws: What the store throws.
    public func touch() async throws {
        try await stamp.touch()
    }

    /// Whether both are bits of one stamp.
    public static func == (left: VersionStampKeyBit, right: VersionStampKeyBit) -> Bool { left.stamp === right.stamp }

    /// Hashes the stamp's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(stamp)) }
}
