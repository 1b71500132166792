import HTTPPipeline

extension CacheStatus {
    /// The request was forwarded, and its response not stored.
    static func forwarded(_ reason: ForwardReason, detail: RefusalReason? = nil) -> CacheStatus {
        CacheStatus(forward: reason, detail: detail?.rawValue)
    }
}
