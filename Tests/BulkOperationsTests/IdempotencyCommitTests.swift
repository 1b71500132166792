import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories
import Testing

@testable import BulkOperations

@Suite struct IdempotencyCommitTests {
    private struct Transaction: RepositoryTransaction {}

    /// A store in the database of every transaction. Its transactions store nothing here.
    private struct CommittingStore: IdempotencyStore {
        private let base = MemoryIdempotencyStore()

        func begin(
            _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
        ) async throws -> IdempotencyOutcome {
            try await base.begin(id, fingerprint: fingerprint, for: lifetimes)
        }

        func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
            try await base.finish(token, with: reply)
        }

        func abandon(_ token: IdempotencyToken) async throws { try await base.abandon(token) }

        func finish(
            _ token: IdempotencyToken, with reply: StoredReply, in transaction: any RepositoryTransaction
        ) throws -> Bool {
            true
        }
    }

    @Test(arguments: [(true, HTTPResponse.Status.conflict, 1), (false, .internalServerError, 2)])
    func `A response is stored when its transaction is committed`(
        isCommitted: Bool, status: HTTPResponse.Status, runs: Int
    ) async throws {
        let counter = HandlerCounter()
        let handler = Pipeline { IdempotencyMiddleware(in: CommittingStore()) }.wrap { exchange in
            counter.increment()
            let commit = try #require(exchange[IdempotencyCommit.Key.self])
            try commit.finish(Reply.testing("done"), in: Transaction())
            #expect(!commit.isFinished)
            if isCommitted { commit.didCommit() }
            // What a resource responds to an error of the commit.
            return Reply.testing("failed", status: .internalServerError)
        }
        func send() async throws -> Reply {
            var exchange = Exchange.testing(.post, "/orders", fields: [.idempotencyKey: "k"])
            exchange.userID = "ann"
            return try await handler(exchange)
        }
        _ = try await send()
        // The key of a response that is not stored can be used again.
        #expect(try await send().status == status)
        #expect(counter.count == runs)
    }
}
