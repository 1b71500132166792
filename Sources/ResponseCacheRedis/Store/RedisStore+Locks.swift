import CacheMiddleware
public import KeyConstructor
import RedisTransport

extension RedisStore {
    /// Acquires the lock of a key unless another owner holds it.
    ///
    /// - Returns: Whether the lock was acquired.
    /// - Throws: `RedisError`. The lock may have been acquired nevertheless; it then expires after `duration`.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
        // A lock of more than a day is of no use, and Redis accepts no arbitrarily large number.
        let (seconds, attoseconds) = min(duration, .seconds(86_400)).components
        let milliseconds = max(1, max(seconds, 0) * 1000 + attoseconds / 1_000_000_000_000_000)
        let reply = try await client.send(
            ["SET", lockKey(key), .text(owner), "NX", "PX", .integer(milliseconds)], isIdempotent: false)
        return reply == .status("OK")
    }

    /// Releases the lock of a key if the owner still holds it.
    ///
    /// - Throws: `RedisError`.
    public func releaseLock(for key: CacheKey, owner: String) async throws {
        _ = try await StoreScripts.release.run(
            on: client, keys: [lockKey(key)], arguments: [.text(owner)], isIdempotent: true)
    }

    private func lockKey(_ key: CacheKey) -> RedisCommand.Argument {
        .text(settings.prefix + "lock:" + key.description)
    }
}
