package import HTTPTypes

/// How a cache handled a request: a member of the Cache-Status field (RFC 9211).
package struct CacheStatus: Sendable, Hashable {
    /// Why a cache forwarded a request (RFC 9211 section 2.2).
    package enum ForwardReason: String, Sendable {
        /// The store had no response for the key.
        case uriMiss = "uri-miss"
        /// The store had a stale response.
        case stale
        /// A directive of the request required it.
        case request
        /// The method's semantics required it.
        case method
        /// The cache was configured not to handle the request.
        case bypass
    }

    /// Why the request was forwarded, or nil when it was not.
    package var forward: ForwardReason?
    /// The status code of the forwarded request's response, when another response was sent instead.
    package var forwardStatus: Int?
    /// The remaining lifetime in seconds; negative for a stale response.
    package var timeToLive: Int?
    /// Whether the response was stored.
    package var isStored = false
    /// Whether the request was coalesced with another one.
    package var isCollapsed = false
    /// Further information, for example why the response was not stored.
    package var detail: String?

    package init(
        forward: ForwardReason? = nil, forwardStatus: Int? = nil, timeToLive: Int? = nil, isStored: Bool = false,
        detail: String? = nil
    ) {
        self.forward = forward
        self.forwardStatus = forwardStatus
        self.timeToLive = timeToLive
        self.isStored = isStored
        self.detail = detail
    }

    /// The response is a stored one.
    package static let hit = CacheStatus()

    /// The request was forwarded, and its response stored.
    package static func stored(_ reason: ForwardReason) -> CacheStatus {
        CacheStatus(forward: reason, isStored: true)
    }

    /// Returns the field of a response. A cache appends it after the fields of caches that are closer to the origin.
    ///
    /// - Parameters:
    ///   - cache: The name of the cache.
    ///   - key: The cache key, when it is to be included.
    ///   - isExplained: Whether to include the parameters that only help operators: `ttl` of a fresh response, `key` and `detail`.
    /// - Returns: The field.
    package func field(cache: String, key: String? = nil, isExplained: Bool = false) -> HTTPField {
        var value = Self.item(cache)
        if let forward { value += "; fwd=\(forward.rawValue)" } else { value += "; hit" }
        if let forwardStatus { value += "; fwd-status=\(forwardStatus)" }
        // Clients may always know that a response is stale.
        if let timeToLive, isExplained || timeToLive < 0 { value += "; ttl=\(timeToLive)" }
        if isStored { value += "; stored" }
        if isCollapsed { value += "; collapsed" }
        if isExplained {
            if let key { value += "; key=\(Self.string(key))" }
            if let detail { value += "; detail=\(Self.item(detail))" }
        }
        return HTTPField(name: .cacheStatus, value: value)
    }

    /// Serializes a text as a token if it is one, otherwise as a string (RFC 9651 section 4.1).
    private static func item(_ text: String) -> String {
        let isToken = text.utf8.first.map { isLetter($0) || $0 == UInt8(ascii: "*") } ?? false
        return isToken && text.utf8.allSatisfy(isTokenCharacter) ? text : string(text)
    }

    /// Serializes a text as a string. Characters that a string cannot hold are replaced by question marks.
    private static func string(_ text: String) -> String {
        var string = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { string += "\\" }
            string.unicodeScalars.append((0x20...0x7E).contains(scalar.value) ? scalar : "?")
        }
        return string + "\""
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- UInt8(ascii: "0") < 10 || tokenPunctuation.contains(byte)
    }

    private static let tokenPunctuation = Set("!#$%&'*+-.^_`|~:/".utf8)
}

extension HTTPField.Name {
    /// Cache-Status (RFC 9211).
    package static let cacheStatus = HTTPField.Name("Cache-Status")!
}
