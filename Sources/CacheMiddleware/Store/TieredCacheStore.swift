package import KeyConstructor

/// A store with a tier in the memory of the process, which a cache asks without waiting.
///
/// Nothing is in that tier that may not be given to a client: when it is out of date, it is empty.
package protocol TieredCacheStore: CacheStore {
    /// The tier in memory. A cache only looks entries up in it.
    var memoryTier: MemoryStore { get }

    /// Looks a key up that the tier in memory does not have.
    ///
    /// - Throws: What keeps the store from answering, as ``CacheStore/entry(for:)``.
    func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup
}
