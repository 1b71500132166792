/// The result of a look-up in a ``CacheStore``, and its position in the order of purges.
public struct StoreLookup: Sendable {
    /// The entry, as ``CacheStore/entry(for:)`` returns it.
    public var entry: CacheEntry?

    /// The position in the order of purges at the time of the look-up: it comes after every purge that had returned before the
    /// look-up began. nil if determining it would take another call to the store.
    public var mark: PurgeMark?

    /// Creates the result of a look-up.
    public init(entry: CacheEntry?, mark: PurgeMark? = nil) {
        self.entry = entry
        self.mark = mark
    }
}
