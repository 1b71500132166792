import HTTPPipeline
import KeyConstructor

/// The reason why a request could not be answered without waiting.
enum FirstLook {
    /// The request bypasses the cache.
    case pass(RefusalReason)
    /// The store has no fresh entry.
    case miss(CacheKey, RequestTraits, stale: CacheEntry?, completionCount: Int)
    /// The store's tier in memory has no entry.
    case missedMemory(CacheKey, RequestTraits)
    /// The key or the store is asynchronous.
    case waiting(RequestTraits)
    /// The request comes from inside the handler of a cache with the same key and store.
    case nested
}
