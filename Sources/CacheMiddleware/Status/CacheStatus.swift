import HTTPTypes

/// What the cache did with a request, as Cache-Status says it (RFC 9211).
struct CacheStatus: Sendable, Hashable {
    /// Why a request was forwarded to the handler (RFC 9211 section 2.2).
    enum ForwardReason: String, Sendable {
        /// The key's answer was not in the store.
        case uriMiss = "uri-miss"
        /// The key's answer was in the store, and not fresh any more.
        case stale
        /// The request asked for it.
        case request
        /// The method does not allow a stored answer.
        case method
        /// The cache is not to be used for this request.
        case bypass
    }

    /// Why the request was forwarded, or nil when it was not.
    var forward: ForwardReason?
    /// The status of the handler's answer, when another one was given in its place.
    var forwardStatus: Int?
    /// The remaining lifetime in seconds, negative for a stale answer.
    var timeToLive: Int?
    /// Whether the answer was stored.
    var isStored = false
    /// Whether the answer is that of another request's handler run.
    var isCollapsed = false
    /// Why the answer was not stored, or another remark.
    var detail: RefusalReason?

    /// The answer came from the store.
    static let hit = CacheStatus()

    /// The answer came from the handler and was stored.
    static func stored(_ reason: ForwardReason) -> CacheStatus {
        CacheStatus(forward: reason, isStored: true)
    }

    /// The answer came from the handler.
    static func forwarded(_ reason: ForwardReason, detail: RefusalReason? = nil) -> CacheStatus {
        CacheStatus(forward: reason, detail: detail)
    }

    /// The status as a field of an answer, to be added after those of caches nearer to the origin.
    ///
    /// - Parameters:
    ///   - cache: The name of the cache.
    ///   - key: The key, when it is to be told.
    ///   - isExplained: Whether what only helps those who run the service is told.
    /// - Returns: The field.
    func field(cache: String, key: String? = nil, isExplained: Bool = false) -> HTTPField {
        var value = cache
        if let forward { value += "; fwd=\(forward.rawValue)" } else { value += "; hit" }
        if let forwardStatus { value += "; fwd-status=\(forwardStatus)" }
        // A stale answer is always told from a fresh one.
        if let timeToLive, isExplained || timeToLive < 0 { value += "; ttl=\(timeToLive)" }
        if isStored { value += "; stored" }
        if isCollapsed { value += "; collapsed" }
        if isExplained {
            if let key { value += "; key=\"\(key)\"" }
            if let detail { value += "; detail=\(detail.rawValue)" }
        }
        return HTTPField(name: .cacheStatus, value: value)
    }
}

extension HTTPField.Name {
    /// The field of RFC 9211.
    static let cacheStatus = HTTPField.Name("Cache-Status")!
}
