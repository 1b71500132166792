import HTTPPipeline

extension CacheStatus {
    /// Returns the status of a request that was forwarded and whose response was not stored.
    static func forwarded(_ reason: ForwardReason, detail: RefusalReason? = nil) -> CacheStatus {
        CacheStatus(forward: reason, detail: detail?.rawValue)
    }
}
