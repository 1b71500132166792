public import KeyConstructor

/// Reads and writes the rows of one ``FieldSet``.
///
/// Conform a type for a database of your own, and run `RepositorySuite` of `PipelineTesting` in its tests. ``SQLText`` has
/// the statements, and ``PreparedWrite`` completes and checks the rows of a write.
public protocol Repository: Sendable {
    /// The fields of the rows.
    var fields: FieldSet { get }

    /// Returns the rows of a query, with the query's fields as the columns.
    ///
    /// - Parameter query: What to read.
    /// - Returns: The rows in the order of the query.
    /// - Throws: ``SelectionError`` for a query that does not fit the fields, and the errors of the database.
    func rows(_ query: RowQuery) async throws -> RowBatch

    /// Returns the number of rows that a selection selects.
    ///
    /// - Parameter selection: The rows.
    /// - Returns: Their number.
    /// - Throws: ``SelectionError`` for a selection that does not fit the fields, and the errors of the database.
    func count(_ selection: Selection) async throws -> Int

    /// Writes single rows in one transaction.
    ///
    /// A failed row does not stop the others, so the result has the failures of all rows. If one row of an atomic write
    /// fails, no row is written.
    ///
    /// - Parameter write: The rows and what happens with them.
    /// - Returns: The outcome of each row.
    /// - Throws: ``RepositoryError`` for a write that does not fit the fields, ``SelectionError`` for such a scope, and
    ///   the errors of the database. Then nothing is written.
    func apply(_ write: RowWrite) async throws -> WriteResult

    /// Updates or deletes all selected rows in one statement.
    ///
    /// - Parameters:
    ///   - selection: The rows.
    ///   - row: One row with the fields to set, or nil to delete the rows.
    ///   - maximum: The maximum number of rows to change, or nil for any number.
    /// - Returns: The number of changed rows.
    /// - Throws: ``RepositoryError/tooManyRows(count:maximum:)`` if more than `maximum` rows are selected, other
    ///   ``RepositoryError``s for an invalid row, ``SelectionError``, and the errors of the database. Then nothing is changed.
    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int
}

extension Repository {
    /// Returns the statement of a query, for the SQL key bits.
    ///
    /// A query that does not fit the fields is described as one that finds nothing.
    ///
    /// - Complexity: O(size of the query). No database is read.
    public func description(of query: RowQuery) -> QueryDescription {
        guard !query.selection.isEmpty, query.limit != 0, let text = try? SQLText.rows(query, in: fields, for: .sqlite)
        else { return .empty }
        return QueryDescription(text.text, values: text.values.map(\.keyValue))
    }
}
