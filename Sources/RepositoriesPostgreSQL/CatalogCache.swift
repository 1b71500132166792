#if PostgreSQL
import PostgreSQLTransport
import Synchronization

/// The catalog of a repository's table, which is read when a constraint has to be named for the first time.
final class CatalogCache: Sendable {
    private let catalog = Mutex<TableCatalog?>(nil)

    /// The catalog, or nil if it has not been read.
    var known: TableCatalog? { catalog.withLock { $0 } }

    /// Returns the catalog of the table.
    ///
    /// - Parameters:
    ///   - table: The name of the table.
    ///   - constraint: The name of a constraint. A catalog that does not have it is read again, since the table may have changed.
    ///   - connection: The connection.
    /// - Returns: The catalog.
    /// - Throws: `PostgreSQLError`.
    func catalog(
        of table: String, with constraint: String?, _ connection: PostgreSQLConnection
    ) async throws -> TableCatalog {
        if let known,
            constraint.map({ known.uniqueIndexes[$0] != nil || known.references[$0] != nil }) != false
        {
            return known
        }
        let new = try await TableCatalog(table) { try await connection.execute($0, $1) }
        catalog.withLock { $0 = new }
        return new
    }
}
#endif
