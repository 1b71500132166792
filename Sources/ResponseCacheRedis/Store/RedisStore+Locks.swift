import CacheMiddleware
public import KeyConstructor

extension RedisStore {
    /// Takes the lock of a key, if nobody has it.
    ///
    /// - Returns: Whether the owner has the lock now.
    /// - Throws: ``RedisError``. The owner may have the lock then, until it ends by itself.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
        let (seconds, attoseconds) = duration.components
        let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let reply = try await client.send(
            ["SET", lockKey(key), .text(owner), "NX", "PX", .integer(milliseconds)], isRepeatable: false)
        return reply != .null
    }

    /// Gives the lock of a key back, if the owner still has it.
    ///
    /// - Throws: ``RedisError``.
    public func releaseLock(for key: CacheKey, owner: String) async throws {
        _ = try await StoreScripts.release.run(
            on: client, keys: [lockKey(key)], arguments: [.text(owner)], isRepeatable: true)
    }

    private func lockKey(_ key: CacheKey) -> RedisCommand.Argument {
        .text(settings.prefix + "lock:" + key.description)
    }
}
