import Logging
import Repositories
import Resources

/// A store that logs the failures of its database. Their text is not for clients.
struct LoggedIdempotencyStore: IdempotencyStore {
    private let wrapped: any IdempotencyStore
    private let logger: Logger

    init(_ base: any IdempotencyStore, logger: Logger = Logger(label: "BulkOperations")) {
        (wrapped, self.logger) = (base, logger)
    }

    func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        try await logging { try await wrapped.begin(id, fingerprint: fingerprint, for: lifetimes) }
    }

    func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
        try await logging { try await wrapped.finish(token, with: reply) }
    }

    func abandon(_ token: IdempotencyToken) async throws {
        try await logging { try await wrapped.abandon(token) }
    }

    /// Its errors are those of the write, which logs them.
    func finish(
        _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
    ) throws -> Bool {
        try wrapped.finish(token, with: reply, in: transaction)
    }

    private func logging<Value>(_ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await operation()
        } catch let error where error is IdempotencyStoreFull || error is CancellationError {
            throw error
        } catch {
            logger.error("idempotency store failed", metadata: ["error": "\(error)"])
            throw DatabaseFailure(error)
        }
    }
}
