import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// A GET or HEAD that could not be answered without waiting.
struct ReadRequest: Sendable {
    let exchange: Exchange
    let key: CacheKey
    /// The key under which concurrent requests share a handler run.
    let flightKey: CacheKey
    let traits: RequestTraits
    var isHead: Bool
    /// Whether the client forbids storing the response (RFC 9111 section 5.2.1.5).
    var forbidsStoring: Bool
    /// The store, with the time that this request may wait for it.
    var store: StoreAccess
    /// The reason why the request is forwarded to the handler.
    var reason = CacheStatus.ForwardReason.uriMiss
    /// The stale entry of the key.
    var stale: CacheEntry?
    /// The store's mark at the look-up, if the store returned one.
    var mark: PurgeMark?

    init(
        _ exchange: Exchange, keys: (entry: CacheKey, flight: CacheKey), _ traits: RequestTraits, isHead: Bool,
        in store: StoreAccess
    ) {
        self.exchange = exchange
        (key, flightKey) = keys
        self.traits = traits
        self.isHead = isHead
        forbidsStoring = traits.hasCacheControl && CacheDirectives(exchange.request.headerFields).contains("no-store")
        self.store = store
    }

    var outcome: CacheObserver.Outcome {
        switch reason {
        case .request: .request
        case .stale, .uriMiss, .method, .bypass: .miss
        }
    }
}
