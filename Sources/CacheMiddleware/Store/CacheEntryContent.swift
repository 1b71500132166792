import HTTPPipeline
import HTTPTypes
import NIOCore

/// The memory that copies of a ``CacheEntry`` share. It is immutable, so threads can share it safely.
final class CacheEntryContent: Sendable {
    /// The properties of an entry.
    struct Values: Sendable {
        var status: HTTPResponse.Status
        var headerFields: HTTPFields
        var body: ByteBuffer
        var storedAt: Timestamp
        var metadata: CacheEntry.Metadata
        var variants: BodyVariants
    }

    let values: Values
    /// The cached header fields of hits. They are not part of the entry's value.
    let hitFields = HitFields()

    init(_ values: Values) {
        self.values = values
    }
}
