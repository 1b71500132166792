public import HTTPPipeline

extension CacheEntry {
    /// The properties of an entry besides those of the response itself.
    public struct Metadata: Sendable {
        /// The time from which the response is stale, see ``CacheEntry/freshUntil``.
        public var freshUntil: Timestamp?

        /// The time from which the entry is no longer served, see ``CacheEntry/expiresAt``.
        public var expiresAt: Timestamp?

        /// The tags by which the entry can be purged.
        public var tags: [String] = []

        /// The path by which the entry can be purged, see ``CacheEntry/path``.
        public var path: String?

        /// The time that the handler took to produce the response.
        public var computationTime: Duration = .zero

        /// Whether the response is the rendering of an error that the handler threw.
        public var isThrownError = false
    }
}
