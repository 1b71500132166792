public import HTTPPipeline
public import HTTPTypes
public import NIOCore

/// A stored answer.
///
/// A copy is a reference to the same memory, so handing out an entry costs the same whatever it holds; a change makes new memory
/// for what it does not share.
public struct CacheEntry: Sendable {
    private var content: CacheEntryContent

    /// The status.
    public var status: HTTPResponse.Status {
        get { content.values.status }
        set { change { $0.status = newValue } }
    }
    /// The header fields, without those that belong to one connection or one client.
    public var headerFields: HTTPFields {
        get { content.values.headerFields }
        set { change { $0.headerFields = newValue } }
    }
    /// The body.
    public var body: ByteBuffer {
        get { content.values.body }
        set {
            change {
                $0.body = newValue
                $0.variants = BodyVariants(of: newValue)
            }
        }
    }
    /// When the answer was stored.
    public var storedAt: Timestamp {
        get { content.values.storedAt }
        set { change { $0.storedAt = newValue } }
    }
    /// The moment from which on the answer is stale, or nil when it is fresh until it expires.
    ///
    /// A stale answer is used only where the cache may: while a new one is made, or when making one fails.
    public var freshUntil: Timestamp? {
        get { content.values.freshUntil }
        set { change { $0.freshUntil = newValue } }
    }
    /// The moment from which on the entry is not used any more, or nil when it is used for ever.
    public var expiresAt: Timestamp? {
        get { content.values.expiresAt }
        set { change { $0.expiresAt = newValue } }
    }
    /// The tags by which the entry can be purged.
    public var tags: [String] {
        get { content.values.tags }
        set { change { $0.tags = newValue } }
    }
    /// The path and query that the answer was made for, by which the entry can be purged; nil when it has no URL. It is spelled
    /// as ``normalizedPath(_:)`` does.
    public var path: String? {
        get { content.values.path }
        set { change { $0.path = newValue } }
    }
    /// How long it took to make the answer; early refreshes begin the earlier, the longer it takes.
    public var computationTime: Duration {
        get { content.values.computationTime }
        set { change { $0.computationTime = newValue } }
    }
    /// Whether the answer is the rendering of an error that the handler threw.
    public var isThrownError: Bool {
        get { content.values.isThrownError }
        set { change { $0.isThrownError = newValue } }
    }
    /// Where other encodings of the body are kept as long as the entry is in memory. It is no part of what the entry says.
    package var variants: BodyVariants { content.values.variants }
    /// Makes the fields of a hit.
    var hitFields: HitFields { content.hitFields }

    /// Creates an entry.
    public init(
        status: HTTPResponse.Status,
        headerFields: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(),
        storedAt: Timestamp,
        freshUntil: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        tags: [String] = [],
        path: String? = nil,
        computationTime: Duration = .zero,
        isThrownError: Bool = false
    ) {
        content = CacheEntryContent(
            CacheEntryContent.Values(
                status: status, headerFields: headerFields, body: body, storedAt: storedAt, freshUntil: freshUntil,
                expiresAt: expiresAt, tags: tags, path: path, computationTime: computationTime,
                isThrownError: isThrownError,
                variants: BodyVariants(of: body)
            ))
    }

    private mutating func change(_ change: (inout CacheEntryContent.Values) -> Void) {
        var values = content.values
        change(&values)
        content = CacheEntryContent(values)
    }

    /// Whether the entry is used no more at this moment: from `expiresAt` on, as in drf-extensions.
    public func hasExpired(at moment: Timestamp) -> Bool {
        guard let expiresAt else { return false }
        return moment >= expiresAt
    }

    /// Whether the answer is fresh at this moment.
    public func isFresh(at moment: Timestamp) -> Bool {
        if let freshUntil, moment >= freshUntil { return false }
        return !hasExpired(at: moment)
    }

    /// Makes the answer stale from a moment on, unless it was already.
    public mutating func makeStale(at moment: Timestamp) {
        freshUntil = min(moment, freshUntil ?? moment)
    }

    /// The age of the answer in whole seconds: the time since it was stored, and the age it came with.
    public func age(at moment: Timestamp) -> Int {
        let age = headerFields.value(of: .age).flatMap { Int($0) } ?? 0
        let (sum, overflow) = max(0, age).addingReportingOverflow(Int(max(0, (moment - storedAt).components.seconds)))
        return overflow ? .max : sum
    }

    /// The same entry in memory of its own, except for what its fields and its body hold.
    var unshared: CacheEntry {
        var entry = self
        entry.change { _ in }
        return entry
    }

    /// Makes a new place for other encodings: each store has its own, whose room it counts.
    ///
    /// - Parameter variants: The place where the body came from. Who is told of new encodings there is told of those here.
    mutating func separateVariants(from variants: BodyVariants) {
        change { $0.variants = variants.separated(for: $0.body) }
    }

    /// The number of bytes of content: body, names and values of the fields, tags and URL. O(number of fields and tags).
    public var byteCount: Int {
        let fields = headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        return body.readableBytes + fields + tags.reduce(path?.utf8.count ?? 0) { $0 + $1.utf8.count }
    }
}

extension CacheEntry: Hashable {
    /// Whether both are the same answer, stored at the same moment.
    public static func == (left: CacheEntry, right: CacheEntry) -> Bool {
        left.status == right.status && left.headerFields == right.headerFields && left.body == right.body
            && left.storedAt == right.storedAt && left.freshUntil == right.freshUntil
            && left.expiresAt == right.expiresAt && left.tags == right.tags && left.path == right.path
            && left.computationTime == right.computationTime && left.isThrownError == right.isThrownError
    }

    /// Hashes the answer.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(headerFields)
        hasher.combine(body)
        hasher.combine(storedAt)
    }
}

extension CacheEntry {
    /// A path with its query in the one spelling by which URLs are compared when entries are purged: empty segments, a slash at
    /// the end and percent-encoding do not count. O(length).
    ///
    /// It may make one of two URLs that a server tells apart, so a purge may select more than it was meant for, and never less.
    /// Only `%`, and `?` in the path, are percent-encoded in it, so that the spelling of a spelling is itself.
    public static func normalizedPath(_ target: String) -> String {
        let query = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = target[..<query].percentDecoded.split(separator: "/").joined(separator: "/")
        return "/" + path.escaping("%", as: "%25").escaping("?", as: "%3F")
            + target[query...].percentDecoded.escaping("%", as: "%25")
    }
}

extension String {
    fileprivate func escaping(_ character: Unicode.Scalar, as escape: String) -> String {
        guard unicodeScalars.contains(character) else { return self }
        return unicodeScalars.reduce(into: "") { result, scalar in
            if scalar == character { result += escape } else { result.unicodeScalars.append(scalar) }
        }
    }
}
