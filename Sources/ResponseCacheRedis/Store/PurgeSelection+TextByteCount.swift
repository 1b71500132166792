import CacheMiddleware

extension PurgeSelection {
    /// The size of the text of the selection, by which those that wait are bounded: a URL is as long as a client makes it.
    var textByteCount: Int {
        switch self {
        case .key, .everything: 0
        case .tag(let text), .url(let text), .prefix(let text): text.utf8.count
        }
    }
}
