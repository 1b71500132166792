extension Settings {
    /// The kind of response of an endpoint, which determines its key if its route has none.
    public enum Endpoint: Sendable, Hashable, CaseIterable {
        /// Any response of a handler, as with drf-extensions' decorators.
        case view
        /// One object, as with `RetrieveCacheResponseMixin` and `RetrieveETAGMixin`, including updates of the object.
        case object
        /// A list, as with `ListCacheResponseMixin` and `ListETAGMixin`.
        case list
    }

    /// The kind of response of an endpoint of an API whose updates must be conditional.
    ///
    /// As in drf-extensions, other views have no default key and must specify one.
    public enum APIEndpoint: Sendable, Hashable, CaseIterable {
        /// One object, as with `APIETAGMixin`.
        case object
        /// A list, as with the list view of `APIETAGMixin`.
        case list
    }
}
