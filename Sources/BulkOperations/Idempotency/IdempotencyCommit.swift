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
    private let state = Mutex(State.open)

    private enum State {
        case open
        /// The response is stored in a transaction that is not committed yet.
        case stored
        case committed
    }

    init(_ run: IdempotencyRun, maximumSize: Int) {
        (self.run, self.maximumSize) = (run, maximumSize)
    }

    /// Whether a transaction that has stored the response was committed.
    var isFinished: Bool { state.withLock { $0 == .committed } }

    /// Notes that the transaction was committed.
    func didCommit() {
        state.withLock { if $0 == .stored { $0 = .committed } }
    }

    /// Stores a response, if the store is in the database of the transaction.
    ///
    /// - Throws: The errors of the store.
    func finish(_ reply: Reply, in transaction: any RepositoryTransaction) throws {
        guard case .buffer(let body) = reply.body.content, body.readableBytes <= maximumSize else { return }
        let isStored = try run.store.finish(run.token, with: StoredReply(reply, body: body), in: transaction)
        state.withLock { $0 = isStored ? .stored : .open }
    }
}
