import HTTPPipeline
import KeyConstructor

/// A request that the store did not answer.
struct Read: Sendable {
    let exchange: Exchange
    let key: CacheKey
    let isHead: Bool
    /// The store, for this request.
    let store: StoreAccess
    /// Why the handler is asked.
    var reason = CacheStatus.ForwardReason.uriMiss
    /// The answer that was stored and is not fresh any more.
    var stale: CacheEntry?
    /// The store's place in the order of purges when it was asked, if it has said so.
    var mark: PurgeMark?

    var outcome: CacheObserver.Outcome {
        switch reason {
        case .request: .request
        case .stale, .uriMiss, .method, .bypass: .miss
        }
    }
}
