import CacheMiddleware

extension PurgeSelection {
    /// The size of the selection's tag or URL in bytes. Queues of selections are bounded by it, because clients choose URLs.
    var textByteCount: Int {
        switch self {
        case .key, .everything: 0
        case .tag(let text), .url(let text), .prefix(let text): text.utf8.count
        }
    }
}
