import NIOCore
import Synchronization

/// A Lua script that a server runs atomically.
///
/// The script is loaded on first use and then invoked by its digest (`EVALSHA`). A server that has lost it, for example after a restart,
/// receives its text again (`EVAL`).
public final class RedisScript: Sendable {
    private let text: String
    /// The digest that the server returned when the script was loaded.
    private let digest = Mutex<String?>(nil)

    /// Creates a script.
    ///
    /// - Parameter text: The source code in Lua.
    public init(_ text: String) {
        self.text = text
    }

    /// Runs the script.
    ///
    /// - Parameters:
    ///   - client: The client whose server runs the script.
    ///   - keys: The keys that the script accesses (`KEYS`).
    ///   - arguments: Further arguments (`ARGV`).
    ///   - isIdempotent: Whether the server may run the script twice without harm. It may then be retried once if its connection is lost.
    /// - Returns: The script's reply.
    /// - Throws: ``RedisError``. All commands together take no longer than the command timeout.
    public func run(
        on client: RedisClient, keys: [RedisCommand.Argument], arguments: [RedisCommand.Argument] = [],
        isIdempotent: Bool
    ) async throws -> RESPValue {
        let start = ContinuousClock.now
        let rest = [.integer(Int64(keys.count))] + keys + arguments
        @Sendable func run(_ digest: String) async throws -> RESPValue {
            try await client.send(RedisCommand(["EVALSHA", .text(digest)] + rest), isIdempotent: isIdempotent)
        }
        do {
            if let digest = digest.withLock({ $0 }) { return try await run(digest) }
            return try await client.withRemainingTime(since: start) { [self] in
                let digest = try await load(on: client)
                try Task.checkCancellation()
                return try await run(digest)
            }
        } catch let error as RedisError where error.code == "NOSCRIPT" {
            return try await client.withRemainingTime(since: start) { [self] in
                try await client.send(RedisCommand(["EVAL", .text(text)] + rest), isIdempotent: isIdempotent)
            }
        }
    }

    private func load(on client: RedisClient) async throws -> String {
        guard case .bytes(let bytes) = try await client.send(["SCRIPT", "LOAD", .text(text)], isIdempotent: true) else {
            throw RedisError.unexpectedReply
        }
        let digest = String(buffer: bytes)
        self.digest.withLock { $0 = digest }
        return digest
    }
}
