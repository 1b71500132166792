extension Settings {
    /// What an endpoint answers with, which says what its key is where its route gives none.
    public enum Endpoint: Sendable, Hashable, CaseIterable {
        /// Whatever a handler answers with: what drf-extensions' decorators are for.
        case view
        /// One object: what `RetrieveCacheResponseMixin` and `RetrieveETAGMixin` are for, and the updates of the object.
        case object
        /// A list: what `ListCacheResponseMixin` and `ListETAGMixin` are for.
        case list
    }
}
