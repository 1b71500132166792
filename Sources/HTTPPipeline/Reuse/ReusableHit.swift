/// What an adapter needs to know about a cached response before it sends the bytes of an earlier response again.
///
/// The cache implements it. An adapter asks on each use, and drops the bytes as soon as the hit is over.
package protocol ReusableHit: AnyObject, Sendable {
    /// Whether the entry was purged, evicted, replaced or made stale. It never becomes false again.
    var isOver: Bool { get }

    /// Returns whether the response may be sent now, and counts the look-up in the store as an ordinary hit does.
    func use() -> HitUse

    /// Counts requests that received the response.
    func count(_ requests: Int)
}

/// The result of asking whether an earlier response may be sent again.
package enum HitUse: Sendable, Hashable {
    /// The response may be sent, with an Age of this number of seconds.
    case usable(age: Int)
    /// The request has to take the ordinary path; a later one may use the response.
    case skipped
    /// The response must not be used any more.
    case over
}

/// A version stamp as a request has read it.
package protocol ReusableStamp: AnyObject, Sendable {
    /// Whether a read of the stamp now returns the same value.
    var isCurrent: Bool { get }
}

/// The reason why a request was not answered from the bytes of an earlier response.
package enum ReuseRefusal: UInt8, Sendable, CaseIterable {
    /// The bytes of the request are not known: most requests arrive once only.
    case unknown
    /// The request has credentials.
    case credentials
    /// The request has a body, a range, an expectation, or anything else that only the framework handles.
    case request
    /// A request before it on the connection has no response yet.
    case pipelined
    /// The client has not read earlier responses.
    case unwritable
    /// The entry was purged, evicted, replaced, or is not fresh any more.
    case over
    /// A purge has not been confirmed by the store yet.
    case unconfirmed
    /// A version stamp has changed.
    case stamp
    /// The response did not come from a fresh entry.
    case miss
    /// The route has no cache, or has not opted in.
    case route
    /// The application has named a user.
    case user
    /// The key depends on something other than the request and stamps.
    case key
    /// The entry belongs to one user or must not be shared.
    case `private`
    /// The entry is not in the memory of this process.
    case store
    /// The entry will soon be refreshed early.
    case refresh
    /// Each decision is logged or traced, or each Cache-Status explains it.
    case observed
    /// The response is an error that the handler threw.
    case error
    /// The response has a form that cannot be sent again.
    case response
    /// The head or the response is too large.
    case size

    /// The index in `allCases`.
    package var position: Int { Int(rawValue) }
}
