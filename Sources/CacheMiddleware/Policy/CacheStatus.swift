import HTTPTypes

/// What the cache did with a request, as Cache-Status says it (RFC 9211).
struct CacheStatus: Sendable, Hashable {
    /// Why a request was forwarded to the handler (RFC 9211 section 2.2).
    enum ForwardReason: String, Sendable {
        /// The key's answer was not in the store.
        case uriMiss = "uri-miss"
        /// The method does not allow a stored answer.
        case method
        /// The cache is not to be used for this request.
        case bypass
    }

    /// Why an answer was not stored; Cache-Status' `detail`.
    enum Reason: String, Sendable {
        case setCookie = "set-cookie"
        case noStore = "no-store"
        case noCache = "no-cache"
        case `private`
        case vary
        case error
        case status
        case tooLarge = "too-large"
        case trailers
        case timeout
        case credentials
        case body
        case head
        case key
        case streaming
        case store
    }

    private let parameters: String

    /// The answer came from the store.
    static let hit = CacheStatus(parameters: "hit")

    /// The answer came from the handler and was stored.
    static let stored = CacheStatus(parameters: "fwd=uri-miss; stored")

    /// The answer came from the handler.
    static func forwarded(_ reason: ForwardReason, detail: Reason? = nil) -> CacheStatus {
        CacheStatus(parameters: "fwd=\(reason.rawValue)" + (detail.map { "; detail=\($0.rawValue)" } ?? ""))
    }

    private init(parameters: String) {
        self.parameters = parameters
    }

    /// The status as a field of an answer, to be added after those of caches nearer to the origin.
    func field(cache: String) -> HTTPField {
        HTTPField(name: .cacheStatus, value: "\(cache); \(parameters)")
    }
}

extension HTTPField.Name {
    /// The field of RFC 9211.
    static let cacheStatus = HTTPField.Name("Cache-Status")!
}
