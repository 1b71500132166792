public import KeyConstructor

/// A store with locks, with which one of several machines computes a response while the others wait for it.
///
/// A lock only saves work: if it ends too early, two machines compute the same response.
public protocol LockingCacheStore: CacheStore {
    /// Acquires the lock of a key unless another owner holds it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - owner: A text that is unique among the users of the store.
    ///   - duration: The time after which the lock ends by itself.
    /// - Returns: Whether the owner holds the lock now.
    /// - Throws: Any error of the store.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool

    /// Releases the lock of a key if the owner still holds it.
    func releaseLock(for key: CacheKey, owner: String) async throws
}
