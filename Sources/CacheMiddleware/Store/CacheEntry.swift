public import HTTPPipeline
public import HTTPTypes
public import NIOCore

/// A stored answer.
///
/// Copies share the memory of the body and of the fields.
public struct CacheEntry: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields, without those that belong to one connection or one client.
    public var headerFields: HTTPFields {
        didSet { hitFields = HitFields() }
    }
    /// The body.
    public var body: ByteBuffer {
        didSet { variants = BodyVariants(of: body) }
    }
    /// When the answer was stored.
    public var storedAt: Timestamp {
        didSet { hitFields = HitFields() }
    }
    /// The moment from which on the entry is not used any more, or nil when it is used for ever.
    public var expiresAt: Timestamp?
    /// Whether the answer is the rendering of an error that the handler threw.
    public var isThrownError: Bool
    /// Where other encodings of the body are kept as long as the entry is in memory. It is no part of what the entry says.
    package private(set) var variants: BodyVariants
    /// Makes the fields of a hit. It is no part of what the entry says either.
    private(set) var hitFields = HitFields()

    /// Creates an entry.
    public init(
        status: HTTPResponse.Status,
        headerFields: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(),
        storedAt: Timestamp,
        expiresAt: Timestamp? = nil,
        isThrownError: Bool = false
    ) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
        self.storedAt = storedAt
        self.expiresAt = expiresAt
        self.isThrownError = isThrownError
        self.variants = BodyVariants(of: body)
    }

    /// Whether the entry is used no more at this moment: from `expiresAt` on, as in drf-extensions.
    public func hasExpired(at moment: Timestamp) -> Bool {
        guard let expiresAt else { return false }
        return moment >= expiresAt
    }

    /// The age of the answer in whole seconds: the time since it was stored, and the age it came with.
    public func age(at moment: Timestamp) -> Int {
        let age = headerFields.value(of: .age).flatMap { Int($0) } ?? 0
        return max(0, age) + Int(max(0, (moment - storedAt).components.seconds))
    }

    /// Makes a new place for other encodings: each store has its own, whose room it counts.
    package mutating func separateVariants() {
        variants = BodyVariants(of: body)
    }

    /// The number of bytes of content: body, and the names and values of the fields. O(number of fields).
    public var byteCount: Int {
        headerFields.reduce(body.readableBytes) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
    }
}

extension CacheEntry: Hashable {
    /// Whether both are the same answer, stored at the same moment.
    public static func == (left: CacheEntry, right: CacheEntry) -> Bool {
        left.status == right.status && left.headerFields == right.headerFields && left.body == right.body
            && left.storedAt == right.storedAt && left.expiresAt == right.expiresAt
            && left.isThrownError == right.isThrownError
    }

    /// Hashes the answer.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(headerFields)
        hasher.combine(body)
        hasher.combine(storedAt)
    }
}
