/// Why an answer was not stored, or a request went past the cache: Cache-Status' `detail`, in logs and metrics.
enum RefusalReason: String, Sendable, CaseIterable {
    /// The answer has Set-Cookie.
    case setCookie = "set-cookie"
    /// The answer says no-store.
    case noStore = "no-store"
    /// The answer says no-cache.
    case noCache = "no-cache"
    /// The answer says private.
    case `private`
    /// The answer varies with a field that the key does not separate.
    case vary
    /// The answer is an error.
    case error
    /// The status is that of a part of an answer, or of a condition.
    case status
    /// The body is larger than what is stored.
    case tooLarge = "too-large"
    /// The body ends with trailers.
    case trailers
    /// The lifetime is zero.
    case timeout
    /// The lifetime could not be computed.
    case timeoutFailed = "timeout-failed"
    /// The body is shorter or longer than the answer says.
    case incomplete
    /// The answer has too many tags.
    case tags
    /// The request has credentials that the key does not separate.
    case credentials
    /// The route caches per user, and the application has named no user.
    case noUser = "no-user"
    /// The request says no-store.
    case requestNoStore = "request-no-store"
    /// The request has a body that the key does not hold.
    case body
    /// An answer to HEAD is not that to GET.
    case head
    /// The key could not be made.
    case key
    /// The body is sent while it is made; it is stored when it has ended.
    case streaming
    /// The store did not take the entry: it failed, had no room, or knows of a purge.
    case store

    /// Whether the next answer will very likely be refused too, so that nobody should wait for it.
    var isLasting: Bool {
        switch self {
        case .setCookie, .noStore, .noCache, .private, .vary, .tooLarge, .trailers, .timeout, .tags, .streaming: true
        // A status that is never stored answers what one request says of ranges and conditions.
        case .error, .status, .timeoutFailed, .incomplete, .credentials, .noUser, .requestNoStore, .body, .head, .key,
            .store:
            false
        }
    }
}
