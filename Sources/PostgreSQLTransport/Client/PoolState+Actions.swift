#if PostgreSQL
import NIOCore

extension PoolState {
    /// A request for a connection.
    enum Request: Sendable {
        case operation(Operation)
        case loan(UInt64, CheckedContinuation<Link, any Error>)

        func isOperation(_ other: Operation) -> Bool {
            if case .operation(let operation) = self { operation === other } else { false }
        }

        func isLoan(_ number: UInt64) -> Bool {
            if case .loan(number, _) = self { true } else { false }
        }

        func fail(_ error: PostgreSQLError) {
            var error = error
            error.isFromPool = true
            switch self {
            case .operation(let operation): operation.finish(.failure(error))
            case .loan(_, let continuation): continuation.resume(throwing: error)
            }
        }
    }

    /// What to do after a change, outside the lock.
    struct Actions {
        var assigned: [(Link, Request)] = []
        var failed: [(Request, PostgreSQLError)] = []
        var closed: [Link] = []
        /// Why connections are closed.
        var reason = PostgreSQLError(.closed, "the client is shut down")
        /// The number of connections to open.
        var attempts = 0
        var deadline: NIODeadline?
        var ended: [CheckedContinuation<Void, Never>] = []
        var isEnded = false
        /// The numbers of connections and of waiting requests, if they have changed.
        var counts: (connections: Int, waiting: Int)?
    }
}
#endif
