import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// A GET or HEAD that was not answered at the first look.
struct Read: Sendable {
    let exchange: Exchange
    let key: CacheKey
    /// What concurrent requests share a handler run for: the key, and the path where keys do not hold it.
    let flightKey: CacheKey
    let traits: RequestTraits
    let isHead: Bool
    /// The store, for this request.
    var store: StoreAccess
    /// Why the handler is asked.
    var reason = CacheStatus.ForwardReason.uriMiss
    /// The stored response that is not fresh any more.
    var stale: CacheEntry?
    /// The store's mark when it was asked, if it has told one.
    var mark: PurgeMark?

    /// Whether the client forbids storing the response (RFC 9111 section 5.2.1.5).
    var forbidsStoring: Bool {
        traits.hasCacheControl && CacheDirectives(exchange.request.headerFields).contains("no-store")
    }

    var outcome: CacheObserver.Outcome {
        switch reason {
        case .request: .request
        case .stale, .uriMiss, .method, .bypass: .miss
        }
    }
}
