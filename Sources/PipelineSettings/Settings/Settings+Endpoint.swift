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

    /// What an endpoint of an API whose updates have to be conditional responds with.
    ///
    /// Other views have no default key, as in drf-extensions: they give theirs.
    public enum APIEndpoint: Sendable, Hashable, CaseIterable {
        /// One object: what `APIETAGMixin` is for.
        case object
        /// A list: what `APIETAGMixin` is for where it lists.
        case list
    }
}
