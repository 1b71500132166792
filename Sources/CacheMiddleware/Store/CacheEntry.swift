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
    /// The path of the URL that the response belongs to, by which the entry can be purged; nil when it has none.
    ///
    /// It is normalized as ``normalizedPath(_:)`` describes and has no query: a key need not hold the query, so whoever requested
    /// the response first does not decide by which URL it can be purged.
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

    /// The age of the response in whole seconds: the time since it was stored, and the age it came with (RFC 9111 section 4.2.3).
    ///
    /// Of a list in the Age field the first member counts, and a field that is not a number counts as 0 (section 5.1). An age above
    /// 2^31 is 2^31 (section 1.2.2).
    public func age(at moment: Timestamp) -> Int {
        let first = headerFields.value(of: .age)?.utf8.prefix { $0 != UInt8(ascii: ",") }.trimmingSpaces
        let initial = first.flatMap { DeltaSeconds.parse(Substring($0)) } ?? 0
        let resident = max(0, (moment - storedAt).components.seconds)
        return min(DeltaSeconds.maximum, initial + Int(clamping: min(Int64(DeltaSeconds.maximum), resident)))
    }

    /// The same entry in memory of its own, except for what its fields and its body hold.
    var unshared: CacheEntry {
        var entry = self
        entry.change { _ in }
        return entry
    }

    /// Replaces the place for variants of the body by an empty one: each store has its own, whose room it counts.
    ///
    /// - Parameters:
    ///   - variants: The place that came with the body. New variants are reported to the same observer.
    ///   - life: The life of the entry in the store.
    mutating func separateVariants(from variants: BodyVariants, life: EntryLife) {
        change { $0.variants = variants.separated(for: $0.body, life: life) }
    }

    /// The number of bytes of content: body, names and values of the fields, tags and path. O(number of fields and tags).
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
    /// The path of a request target in the form in which paths are compared when entries are purged.
    ///
    /// The query does not count, nor do empty segments, a slash at the end and percent-encoding: `/cities?page=2`, `//cities/` and
    /// `/%63ities` are all `/cities`. A target that does not begin with a slash is read as an absolute URL if it has a `://`, as
    /// servers read it: the path of `http://host/cities` is `/cities`. The empty target has an empty path, which no purge selects.
    ///
    /// Two URLs that a server distinguishes may have one normalized path, so a purge may select more than it was meant for, never
    /// less. `%` and `?` are percent-encoded in the result, so the normalized form of a normalized path is itself.
    ///
    /// - Parameter target: The request target: a path with or without a query, or an absolute URL.
    /// - Returns: The path.
    /// - Complexity: O(length).
    public static func normalizedPath(_ target: String) -> String {
        guard !target.isEmpty else { return "" }
        let decoded = target.pathOfURL.percentDecoded
        var bytes: [UInt8] = []
        bytes.reserveCapacity(decoded.utf8.count + 1)
        var beginsSegment = true
        for byte in decoded.utf8 {
            guard byte != UInt8(ascii: "/") else {
                beginsSegment = true
                continue
            }
            if beginsSegment { bytes.append(UInt8(ascii: "/")) }
            beginsSegment = false
            switch byte {
            case UInt8(ascii: "%"): bytes += "%25".utf8
            case UInt8(ascii: "?"): bytes += "%3F".utf8
            default: bytes.append(byte)
            }
        }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The path of a request target or URL, not decoded. O(length).
    fileprivate var pathOfURL: Substring {
        let path = targetPath
        guard path.utf8.first != UInt8(ascii: "/"), let authority = path.utf8.endOfSchemeSeparator else { return path }
        return Substring(path.utf8[authority...].drop { $0 != UInt8(ascii: "/") })
    }
}

extension Substring.UTF8View {
    /// Where the first `://` ends, or nil without one.
    fileprivate var endOfSchemeSeparator: Index? {
        var rest = self
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            rest = rest[colon...]
            if rest.starts(with: "://".utf8) { return rest.dropFirst(3).startIndex }
            rest = rest.dropFirst()
        }
        return nil
    }
}
