#if GRDB
public import GRDB
public import Repositories

/// A repository over a table of an SQLite database that GRDB opens.
///
/// The repository binds the cells of rows in place and reads cells without creating strings. Writes notify GRDB's
/// observers of the table. Statements are prepared once for each connection.
///
/// ```swift
/// let database = try DatabasePool(path: "places.sqlite")
/// let places = SQLiteRepository(Places.all, in: database)
/// ```
///
/// Open the database as a `DatabasePool`, which uses the write-ahead log: reads then do not wait for writes. The table
/// has the columns of the fields, unique indexes for the unique groups, and text columns with the collation `BINARY`, the
/// default. An integer key is an `INTEGER PRIMARY KEY`.
public struct SQLiteRepository: Repository {
    /// The fields of the rows.
    public let fields: FieldSet

    /// The database with the table.
    package let database: any DatabaseWriter
    private let texts = StatementTexts()

    /// Creates a repository.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows, and the name of the table.
    ///   - database: The database with the table.
    public init(_ fields: FieldSet, in database: any DatabaseWriter) {
        self.fields = fields
        self.database = database
    }

    /// Returns the rows of a query.
    ///
    /// - Throws: `SelectionError` for a query that does not fit the fields, and GRDB's errors.
    public func rows(_ query: RowQuery) async throws -> RowBatch {
        let text = try SQLText.rows(query, in: fields, for: .sqlite)
        let columns = query.columns(in: fields)
        return try await database.read { [fields, texts] db in
            let statement = try PreparedStatement(text, in: db, texts)
            return try statement.rows(columns, types: columns.map { fields[$0]?.type ?? .text })
        }
    }

    /// Returns the number of rows that a selection selects.
    ///
    /// - Throws: `SelectionError` for a selection that does not fit the fields, and GRDB's errors.
    public func count(_ selection: Selection) async throws -> Int {
        let text = try SQLText.count(selection, in: fields, for: .sqlite)
        return try await database.read { [texts] db in
            try PreparedStatement(text, in: db, texts).integer()
        }
    }

    /// Writes single rows in one transaction.
    ///
    /// - Throws: `RepositoryError` for a write that does not fit the fields and for a rule that the commit checks,
    ///   `SelectionError` for such a scope, and GRDB's errors. Then nothing is written.
    public func apply(_ write: RowWrite) async throws -> WriteResult {
        let prepared = try PreparedWrite(write, in: fields)
        guard !write.rows.isEmpty else { return WriteResult([]) }
        do {
            return try await database.write { db in
                let result = try carryOut(prepared, write, in: db)
                if write.isAtomic, result.failedCount > 0 { throw Undo(result: result) }
                try write.completion?(result, SQLiteTransaction(connection: db, database: database))
                return result
            }
        } catch let undo as Undo {
            return undo.result
        } catch {
            throw refusal(error)
        }
    }

    /// Writes single rows in the transaction that a connection is in.
    ///
    /// If a row of an atomic write fails, the caller has to roll the transaction back.
    ///
    /// - Parameters:
    ///   - write: The rows and what happens with them.
    ///   - db: The connection. It must be one of the repository's database.
    /// - Returns: The outcome of each row.
    /// - Throws: `RepositoryError` for a write that does not fit the fields, `SelectionError` for such a scope, and GRDB's errors. The caller
    ///   has to roll the transaction back then.
    public func apply(_ write: RowWrite, in db: Database) throws -> WriteResult {
        guard !write.rows.isEmpty else { return WriteResult([]) }
        return try carryOut(PreparedWrite(write, in: fields), write, in: db)
    }

    private func carryOut(_ prepared: PreparedWrite, _ write: RowWrite, in db: Database) throws -> WriteResult {
        var writer = RowWriter(prepared, write, fields, db, texts)
        let result = WriteResult(try writer.run(), isAtomic: write.isAtomic)
        if result.hasChanges { try db.notifyChanges(in: Table(fields.table)) }
        return result
    }

    /// Returns the error for a broken rule, for example a deferred reference that the commit checks, or the same error.
    private func refusal(_ error: any Error) -> any Error {
        RowError(error, in: fields).map { RepositoryError.row($0) } ?? error
    }

    /// Ends a transaction without a commit.
    private struct Undo: Error {
        let result: WriteResult
    }

    /// Updates or deletes all selected rows in one statement.
    ///
    /// - Throws: `RepositoryError` for an invalid row, a broken rule of the database, and for more than `maximum` rows,
    ///   which are counted first; `SelectionError`; and GRDB's errors. Then nothing is changed.
    public func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        let selection = try selection.validated(against: fields)
        let text =
            if let row {
                SQLText.updateAll(
                    selection, setting: try PreparedWrite.values(setting: row, in: fields), in: fields, for: .sqlite)
            } else {
                SQLText.deleteAll(selection, in: fields, for: .sqlite)
            }
        let counting = try SQLText.count(selection, in: fields, for: .sqlite)
        do {
            return try await database.write { [fields, texts] db in
                if let maximum {
                    let count = try PreparedStatement(counting, in: db, texts).integer()
                    if count > maximum { throw RepositoryError.tooManyRows(count: count, maximum: maximum) }
                }
                try PreparedStatement(text, in: db, texts).run()
                let count = db.changesCount
                if count > 0 { try db.notifyChanges(in: Table(fields.table)) }
                return count
            }
        } catch {
            throw refusal(error)
        }
    }
}
#endif
