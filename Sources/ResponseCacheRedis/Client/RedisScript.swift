import NIOCore
import Synchronization

/// A Lua script that a server runs as one step. It is sent once and then named by its digest.
final class RedisScript: Sendable {
    private let text: String
    /// The server's name for the script, once it was sent.
    private let digest = Mutex<String?>(nil)

    init(_ text: String) {
        self.text = text
    }

    /// Runs the script.
    ///
    /// - Parameters:
    ///   - client: Whose server runs it.
    ///   - keys: The keys that it reads and writes.
    ///   - arguments: What else it needs.
    ///   - isRepeatable: Whether it does no harm when it is run twice.
    /// - Returns: What the script returns.
    /// - Throws: ``RedisError``.
    func run(
        on client: RedisClient, keys: [RedisCommand.Argument], arguments: [RedisCommand.Argument] = [],
        isRepeatable: Bool
    ) async throws -> RESPValue {
        let start = ContinuousClock.now
        let rest = [.integer(Int64(keys.count))] + keys + arguments
        @Sendable func run(_ digest: String) async throws -> RESPValue {
            try await client.send(RedisCommand(["EVALSHA", .text(digest)] + rest), isRepeatable: isRepeatable)
        }
        do {
            if let digest = digest.withLock({ $0 }) { return try await run(digest) }
            return try await client.finish(since: start) { [self] in
                let digest = try await load(on: client)
                try Task.checkCancellation()
                return try await run(digest)
            }
        } catch let error as RedisError where error.code == "NOSCRIPT" {
            // The server was restarted, or it is another one.
            return try await client.finish(since: start) { [self] in
                try await client.send(RedisCommand(["EVAL", .text(text)] + rest), isRepeatable: isRepeatable)
            }
        }
    }

    private func load(on client: RedisClient) async throws -> String {
        guard case .bytes(let bytes) = try await client.send(["SCRIPT", "LOAD", .text(text)], isRepeatable: true) else {
            throw RedisError.unexpectedReply
        }
        let digest = String(buffer: bytes)
        self.digest.withLock { $0 = digest }
        return digest
    }
}
