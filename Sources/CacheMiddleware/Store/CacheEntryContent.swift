import HTTPPipeline
import HTTPTypes
import NIOCore

/// The memory that copies of a ``CacheEntry`` share. It never changes, which is what makes sharing it between threads safe.
final class CacheEntryContent: Sendable {
    /// What the properties of an entry are.
    struct Values: Sendable {
        var status: HTTPResponse.Status
        var headerFields: HTTPFields
        var body: ByteBuffer
        var storedAt: Timestamp
        var freshUntil: Timestamp?
        var expiresAt: Timestamp?
        var tags: [String]
        var path: String?
        var computationTime: Duration
        var isThrownError: Bool
        var variants: BodyVariants
    }

    let values: Values
    /// Makes the fields of a hit. It is no part of what the entry says.
    let hitFields = HitFields()

    init(_ values: Values) {
        self.values = values
    }
}
