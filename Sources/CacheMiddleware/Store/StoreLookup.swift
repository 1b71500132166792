/// What a look-up in a ``CacheStore`` found, and when.
public struct StoreLookup: Sendable {
    /// The entry, as ``CacheStore/entry(for:)`` returns it.
    public var entry: CacheEntry?

    /// The place in the order of purges that the look-up was made at: every purge that had returned before it began is before it. nil
    /// when the store would have to be asked once more to say.
    public var mark: PurgeMark?

    /// Creates the outcome of a look-up.
    public init(entry: CacheEntry?, mark: PurgeMark? = nil) {
        self.entry = entry
        self.mark = mark
    }
}
