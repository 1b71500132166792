public import KeyConstructor

/// A store with a tier in the memory of the process, which a cache reads without waiting.
///
/// The tier never contains an entry that must not be served: when it is out of date, it is empty. Fill it with
/// ``MemoryStore/keep(_:for:unlessPurgedSince:upTo:)`` in ``lookUpBehindMemory(_:)``, with a mark from before the look-up.
public protocol TieredCacheStore: CacheStore {
    /// The tier in memory. A cache only looks up entries in it.
    var memoryTier: MemoryStore { get }

    /// Looks up a key that the tier in memory does not contain.
    ///
    /// - Throws: Any error of the store, as ``CacheStore/entry(for:)``.
    func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup
}
