import HTTPPipeline

/// The reason why a response was not stored, or a request bypassed the cache: the `detail` of Cache-Status, logs and metrics.
package enum RefusalReason: String, Sendable, CaseIterable {
    /// The response has Set-Cookie.
    case setCookie = "set-cookie"
    /// The response has no-store.
    case noStore = "no-store"
    /// The response has no-cache.
    case noCache = "no-cache"
    /// The response has private.
    case `private`
    /// The response varies with a field that the key does not separate.
    case vary
    /// The response is an error.
    case error
    /// The status is that of a partial response or of a condition.
    case status
    /// The body is larger than the limit.
    case tooLarge = "too-large"
    /// The body ends with trailers.
    case trailers
    /// The lifetime is zero.
    case lifetime
    /// Computing the lifetime failed.
    case lifetimeFailed = "lifetime-failed"
    /// The body is shorter or longer than announced.
    case incomplete
    /// The response has too many tags.
    case tags
    /// The request has credentials that are not in the key.
    case credentials
    /// The route caches per user, and the application has not named the user.
    case noUser = "no-user"
    /// The request has no-store.
    case requestNoStore = "request-no-store"
    /// The request has a body that is not in the key.
    case body
    /// The response to HEAD may lack fields of a response to GET.
    case head
    /// Computing the key failed.
    case key
    /// The body is streamed to the client, and is stored once it has ended.
    case streaming
    /// The store did not store the entry: it failed, had no room, or a purge selected the entry.
    case store

    /// Whether the next response will very likely be refused too, so that requests should not wait for it.
    package var isLasting: Bool {
        switch self {
        case .setCookie, .noStore, .noCache, .private, .vary, .tooLarge, .trailers, .lifetime, .tags, .streaming: true
        // A status that is never stored depends on one request's ranges and conditions.
        case .error, .status, .lifetimeFailed, .incomplete, .credentials, .noUser, .requestNoStore, .body, .head, .key,
            .store:
            false
        }
    }
}

extension CacheStatus {
    /// Returns the status of a request that was forwarded and whose response was not stored.
    static func forwarded(_ reason: ForwardReason, detail: RefusalReason? = nil) -> CacheStatus {
        CacheStatus(forward: reason, detail: detail?.rawValue)
    }
}
