public import HTTPPipeline
public import HTTPTypes
public import NIOCore

/// A cached response.
///
/// Copies share the same memory, so returning an entry costs the same regardless of its size. A mutation allocates new memory for
/// the parts that it changes.
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
    /// The time when the response was stored.
    public var storedAt: Timestamp {
        get { content.values.storedAt }
        set { change { $0.storedAt = newValue } }
    }
    /// The time from which the response is stale, or nil if it is fresh until it expires.
    ///
    /// A stale response is served only where the cache may do so: while it is refreshed, or when the handler fails.
    public var freshUntil: Timestamp? {
        get { content.values.metadata.freshUntil }
        set { change { $0.metadata.freshUntil = newValue } }
    }
    /// The time from which the entry is no longer served, or nil if it never expires.
    public var expiresAt: Timestamp? {
        get { content.values.metadata.expiresAt }
        set { change { $0.metadata.expiresAt = newValue } }
    }
    /// The tags by which the entry can be purged.
    public var tags: [String] {
        get { content.values.metadata.tags }
        set { change { $0.metadata.tags = newValue } }
    }
    /// The path of the URL that the response belongs to, by which the entry can be purged; nil when it has none.
    ///
    /// It is normalized as ``normalizedPath(_:)`` describes and has no query: a key need not contain the query, so the first
    /// request for the response must not decide by which URL it can be purged.
    public var path: String? {
        get { content.values.metadata.path }
        set { change { $0.metadata.path = newValue } }
    }
    /// The time that the handler took to produce the response. The longer it is, the sooner early refreshes begin.
    public var computationTime: Duration {
        get { content.values.metadata.computationTime }
        set { change { $0.metadata.computationTime = newValue } }
    }
    /// Whether the response is the rendering of an error that the handler threw.
    public var isThrownError: Bool {
        get { content.values.metadata.isThrownError }
        set { change { $0.metadata.isThrownError = newValue } }
    }
    /// The variants of the body, kept while the entry is in memory. They are not part of the entry's value.
    package var variants: BodyVariants { content.values.variants }
    /// The cached header fields of hits.
    var hitFields: HitFields { content.hitFields }

    /// Creates an entry.
    ///
    /// ```swift
    /// CacheEntry(status: .ok, body: body, storedAt: now) { $0.tags = ["cities"] }
    /// ```
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headerFields: The header fields, without those that belong to one connection or one client.
    ///   - body: The body.
    ///   - storedAt: The time when the response was stored.
    ///   - configure: Sets the metadata, which is empty before.
    public init(
        status: HTTPResponse.Status,
        headerFields: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(),
        storedAt: Timestamp,
        metadata configure: (inout Metadata) -> Void = { _ in }
    ) {
        var metadata = Metadata()
        configure(&metadata)
        content = CacheEntryContent(
            CacheEntryContent.Values(
                status: status, headerFields: headerFields, body: body, storedAt: storedAt, metadata: metadata,
                variants: BodyVariants(of: body)
            ))
    }

    private mutating func change(_ change: (inout CacheEntryContent.Values) -> Void) {
        var values = content.values
        change(&values)
        content = CacheEntryContent(values)
    }

    /// Returns whether the entry has expired at a time: from `expiresAt` on, as in drf-extensions.
    public func hasExpired(at moment: Timestamp) -> Bool {
        guard let expiresAt else { return false }
        return moment >= expiresAt
    }

    /// Returns whether the response is fresh at a time.
    public func isFresh(at moment: Timestamp) -> Bool {
        if let freshUntil, moment >= freshUntil { return false }
        return !hasExpired(at: moment)
    }

    /// Makes the response stale from a time on, unless it already is.
    public mutating func makeStale(at moment: Timestamp) {
        freshUntil = min(moment, freshUntil ?? moment)
    }

    /// Returns the age of the response in whole seconds: the time since it was stored plus its initial age (RFC 9111 section
    /// 4.2.3).
    ///
    /// Only the first member of a list in the Age field counts, and an invalid field counts as 0 (section 5.1). Ages are limited to
    /// 2^31 (section 1.2.2).
    public func age(at moment: Timestamp) -> Int {
        let first = headerFields.value(of: .age)?.utf8.prefix { $0 != UInt8(ascii: ",") }.trimmingSpaces
        let initial = first.flatMap { DeltaSeconds.parse(Substring($0)) } ?? 0
        let resident = max(0, (moment - storedAt).components.seconds)
        return min(DeltaSeconds.maximum, initial + Int(clamping: min(Int64(DeltaSeconds.maximum), resident)))
    }

    /// A copy of the entry in separate memory, except for the storage of its fields and its body.
    var unshared: CacheEntry {
        var entry = self
        entry.change { _ in }
        return entry
    }

    /// Replaces the variants of the body with an empty collection: each store has its own, whose size it counts.
    ///
    /// - Parameters:
    ///   - variants: The variants that came with the body. New variants are reported to the same observer.
    ///   - life: The life of the entry in the store.
    mutating func separateVariants(from variants: BodyVariants, life: EntryLife) {
        change { $0.variants = variants.separated(for: $0.body, life: life) }
    }

    /// The number of bytes of content: body, names and values of the fields, tags and path.
    ///
    /// - Complexity: O(number of fields and tags).
    public var byteCount: Int {
        let fields = headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        return body.readableBytes + fields + tags.reduce(path?.utf8.count ?? 0) { $0 + $1.utf8.count }
    }
}

extension CacheEntry: Hashable {
    /// Returns whether both are the same response, stored at the same time.
    public static func == (left: CacheEntry, right: CacheEntry) -> Bool {
        left.status == right.status && left.headerFields == right.headerFields && left.body == right.body
            && left.storedAt == right.storedAt && left.freshUntil == right.freshUntil
            && left.expiresAt == right.expiresAt && left.tags == right.tags && left.path == right.path
            && left.computationTime == right.computationTime && left.isThrownError == right.isThrownError
    }

    /// Hashes the response.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(headerFields)
        hasher.combine(body)
        hasher.combine(storedAt)
    }
}

extension CacheEntry {
    /// Returns the path of a request target in the form in which purges compare paths.
    ///
    /// The query, empty segments, a trailing slash and percent-encoding are ignored: `/cities?page=2`, `//cities/` and `/%63ities`
    /// all yield `/cities`. A target that does not begin with a slash is parsed as an absolute URL if it contains `://`, as servers
    /// do: the path of `http://host/cities` is `/cities`. The empty target has an empty path, which no purge selects.
    ///
    /// Two URLs that a server distinguishes may have the same normalized path, so a purge may select more than intended, but never
    /// less. `%` and `?` are percent-encoded in the result, so normalizing a normalized path does not change it.
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
    /// The undecoded path of a request target or URL.
    ///
    /// - Complexity: O(length).
    fileprivate var pathOfURL: Substring {
        let path = targetPath
        guard path.utf8.first != UInt8(ascii: "/"), let authority = path.utf8.endOfSchemeSeparator else { return path }
        return Substring(path.utf8[authority...].drop { $0 != UInt8(ascii: "/") })
    }
}

extension Substring.UTF8View {
    /// The end of the first `://`, or nil if there is none.
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
