public import KeyConstructor

/// Keeps stored answers under their keys.
///
/// A store may forget any entry at any time. It never returns an entry that has expired. What a store throws is a miss
/// to the cache and never an error to a client.
///
/// `PipelineTesting` has a suite of tests that every store has to pass.
public protocol CacheStore: Sendable {
    /// The entry under `key`, or nil when there is none that may still be used.
    func entry(for key: CacheKey) async throws -> CacheEntry?

    /// Keeps `entry` under `key`, in place of one that is there already.
    ///
    /// - Returns: Whether the entry is kept; it may be too large. One that was there before is gone in any case.
    @discardableResult
    func store(_ entry: CacheEntry, for key: CacheKey) async throws -> Bool

    /// Forgets the entry under `key`, if there is one.
    func removeEntry(for key: CacheKey) async throws

    /// Forgets every entry.
    func removeAll() async throws
}
