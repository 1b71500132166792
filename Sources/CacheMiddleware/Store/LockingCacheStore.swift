public import KeyConstructor

/// A store whose users on several machines can take locks, so that one of them makes an answer and the others wait for it.
///
/// A lock saves work and protects nothing: when it ends too early two machines make the same answer.
public protocol LockingCacheStore: CacheStore {
    /// Takes the lock of a key, if nobody has it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - owner: A text that no other user of the store has.
    ///   - duration: When the lock ends by itself.
    /// - Returns: Whether the owner has the lock now.
    /// - Throws: What keeps the store from answering.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool

    /// Gives the lock of a key back, if the owner still has it.
    func releaseLock(for key: CacheKey, owner: String) async throws
}
