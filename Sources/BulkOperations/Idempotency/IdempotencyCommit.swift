import HTTPPipeline
import NIOCore
import Repositories
import Synchronization

/// Lets a handler store its response in the transaction of its write: after a crash either both are there or none.
final class IdempotencyCommit: Sendable {
    enum Key: AttributeKey {
        typealias Value = IdempotencyCommit
    }

    private let run: IdempotencyRun
    private let maximumSize: Int
    private let isStored = Mutex(false)

    init(_ run: IdempotencyRun, maximumSize: Int) {
        (self.run, self.maximumSize) = (run, maximumSize)
    }

    /// Whether a transaction has stored the response.
    var isFinished: Bool { isStored.withLock(\.self) }

    /// Stores a response, if the store is in the database of the transaction.
    ///
    /// - Throws: The errors of the store.
    func finish(_ reply: Reply, in transaction: any RepositoryTransaction) throws {
        guard case .buffer(let body) = reply.body.content, body.readableBytes <= maximumSize else { return }
        let isStored = try run.store.finish(run.token, with: StoredReply(reply, body: body), in: transaction)
        self.isStored.withLock { $0 = isStored }
    }
}
