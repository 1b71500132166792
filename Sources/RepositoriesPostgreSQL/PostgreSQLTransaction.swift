#if PostgreSQL
package import PostgreSQLTransport
import Repositories

/// The transaction of a write of a ``PostgreSQLRepository``.
///
/// The completion of a write is synchronous, and statements are not. It registers work, which the repository does in the transaction
/// after the completion has returned, before it commits.
package final class PostgreSQLTransaction: RepositoryTransaction {
    /// The client of the connection.
    package let client: PostgreSQLClient
    private var work: [@Sendable (PostgreSQLConnection) async throws -> Void] = []

    init(_ client: PostgreSQLClient) {
        self.client = client
    }

    /// Registers work to do in the transaction. What it throws undoes the transaction.
    package func perform(_ work: @escaping @Sendable (PostgreSQLConnection) async throws -> Void) {
        self.work.append(work)
    }

    func finish(_ connection: PostgreSQLConnection) async throws {
        for work in work { try await work(connection) }
    }
}
#endif
