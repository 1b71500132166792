/// Why a response was not stored or a request bypassed the cache: the `detail` of Cache-Status, also in logs and metrics.
enum RefusalReason: String, Sendable, CaseIterable {
    /// The response has Set-Cookie.
    case setCookie = "set-cookie"
    /// The response has `no-store`.
    case noStore = "no-store"
    /// The response has `no-cache`.
    case noCache = "no-cache"
    /// The response has `private`.
    case `private`
    /// The response varies by a field that is not in the key.
    case vary
    /// The response is an error.
    case error
    /// The status code is never stored, for example 206 or 412.
    case status
    /// The body exceeds the maximum size.
    case tooLarge = "too-large"
    /// The body ends with trailers.
    case trailers
    /// The lifetime is zero.
    case timeout
    /// Computing the lifetime failed.
    case timeoutFailed = "timeout-failed"
    /// The length of the body differs from Content-Length.
    case incomplete
    /// The response has too many tags.
    case tags
    /// The request has credentials that are not in the key.
    case credentials
    /// The route caches per user, and the request has no user.
    case noUser = "no-user"
    /// The request has `no-store`.
    case requestNoStore = "request-no-store"
    /// The request has a body that is not in the key.
    case body
    /// A response to HEAD cannot be stored as one to GET.
    case head
    /// Computing the key failed.
    case key
    /// The body is streamed; it is stored when it is complete.
    case streaming
    /// The store did not accept the entry: it failed, had no room, or the entry was purged meanwhile.
    case store

    /// Whether the next response will probably be refused too, so that waiting for it is pointless.
    var isLasting: Bool {
        switch self {
        case .setCookie, .noStore, .noCache, .private, .vary, .tooLarge, .trailers, .timeout, .tags, .streaming: true
        // A status code that is never stored depends on the ranges and conditions of one request.
        case .error, .status, .timeoutFailed, .incomplete, .credentials, .noUser, .requestNoStore, .body, .head, .key,
            .store:
            false
        }
    }
}
