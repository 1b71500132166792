#if PostgreSQL
public import PostgreSQLTransport
public import Repositories

/// A repository over a table of a PostgreSQL database.
///
/// Each write is one transaction with a few statements, each of which writes all rows with arrays, whatever their number. Statements
/// are prepared once for each connection.
///
/// ```swift
/// let client = try PostgreSQLClient(url: "postgres://places@localhost/places")
/// let places = PostgreSQLRepository(Places.all, in: client)
/// try await places.check()
/// ```
///
/// ``check()`` compares the fields with the table; call it before the server listens.
public struct PostgreSQLRepository: Repository {
    /// The fields of the rows.
    public let fields: FieldSet

    /// The client of the database with the table.
    public let client: PostgreSQLClient

    let catalogs = CatalogCache()

    /// The number of times that a write is done which a deadlock or a serialization failure has undone.
    static let maximumAttempts = 6

    /// Creates a repository. No statement is run.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows, and the name of the table. The table is found through the `search_path`.
    ///   - client: The client of the database with the table.
    public init(_ fields: FieldSet, in client: PostgreSQLClient) {
        self.fields = fields
        self.client = client
    }

    /// Returns the rows of a query.
    ///
    /// - Throws: `SelectionError` for a query that does not fit the fields, and `PostgreSQLError`.
    public func rows(_ query: RowQuery) async throws -> RowBatch {
        let text = try SQLText.rows(query, in: fields, for: .postgreSQL)
        let columns = query.columns(in: fields)
        let result = try await client.read(text.text, text.bindings)
        return result.rows(columns, types: columns.map { fields[$0]?.type ?? .text })
    }

    /// Returns the number of rows that a selection selects.
    ///
    /// - Throws: `SelectionError` for a selection that does not fit the fields, and `PostgreSQLError`.
    public func count(_ selection: Selection) async throws -> Int {
        let text = try SQLText.count(selection, in: fields, for: .postgreSQL)
        let result = try await client.read(text.text, text.bindings)
        return result.integer(0, 0).map { Int(clamping: $0) } ?? 0
    }

    /// Writes single rows in one transaction.
    ///
    /// The rows are written in the order of their keys or unique fields, so that two writes of the same rows wait for each other and do
    /// not deadlock. A transaction that a deadlock or a serialization failure undoes is done again, at most five times and after a
    /// random delay; then the completion of the write is called again too.
    ///
    /// - Throws: `RepositoryError` for a write that does not fit the fields and for a rule that the commit checks, `SelectionError` for such
    ///   a scope, and `PostgreSQLError`. Then nothing is written, unless the connection was lost during the commit.
    public func apply(_ write: RowWrite) async throws -> WriteResult {
        let prepared = try PreparedWrite(write, in: fields)
        guard !write.rows.isEmpty else { return WriteResult([]) }
        // A failure of the only row ends the transaction, so no savepoint is needed to find it.
        if write.rows.rowCount == 1, write.completion == nil {
            do {
                return try await carryOut(prepared, write, usesSavepoints: false)
            } catch let error as PostgreSQLError where error.isAboutRow {}
        }
        return try await carryOut(prepared, write, usesSavepoints: true)
    }

    private func carryOut(
        _ prepared: PreparedWrite, _ write: RowWrite, usesSavepoints: Bool
    ) async throws -> WriteResult {
        do {
            return try await withTransaction { connection in
                let result = try await carryOut(prepared, write, in: connection, usesSavepoints: usesSavepoints)
                if write.isAtomic, result.failedCount > 0 { throw Undo(result: result) }
                if let completion = write.completion {
                    let transaction = PostgreSQLTransaction(client)
                    try completion(result, transaction)
                    try await transaction.finish(connection)
                }
                return result
            }
        } catch let undo as Undo {
            return undo.result
        } catch let error as PostgreSQLError where usesSavepoints {
            throw refusal(error)
        }
    }

    /// Writes single rows in the transaction that a connection is in.
    ///
    /// If a row of an atomic write fails, the caller has to roll the transaction back. The completion of the write is not called.
    ///
    /// - Parameters:
    ///   - write: The rows and what happens with them.
    ///   - connection: A connection of the repository's client, in a transaction.
    /// - Returns: The outcome of each row.
    /// - Throws: `RepositoryError` for a write that does not fit the fields, `SelectionError` for such a scope, and `PostgreSQLError`. The
    ///   caller has to roll the transaction back then.
    public func apply(_ write: RowWrite, in connection: PostgreSQLConnection) async throws -> WriteResult {
        guard !write.rows.isEmpty else { return WriteResult([]) }
        return try await carryOut(PreparedWrite(write, in: fields), write, in: connection, usesSavepoints: true)
    }

    private func carryOut(
        _ prepared: PreparedWrite, _ write: RowWrite, in connection: PostgreSQLConnection, usesSavepoints: Bool
    ) async throws -> WriteResult {
        let statements = RowStatements(
            prepared, fields, connection, catalogs: catalogs, usesSavepoints: usesSavepoints)
        let writer = RowWriter(write, prepared, statements)
        return WriteResult(try await writer.run(), isAtomic: write.isAtomic)
    }

    /// Runs work in a transaction, again if a deadlock or a serialization failure has undone it.
    func withTransaction<Value>(_ body: (PostgreSQLConnection) async throws -> Value) async throws -> Value {
        for attempt in 1..<Self.maximumAttempts {
            do {
                return try await client.withTransaction(.readCommitted, body)
            } catch let error as PostgreSQLError where error.undidTransaction {
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << attempt))))
            }
        }
        return try await client.withTransaction(.readCommitted, body)
    }

    /// Returns the error for a broken rule, for example a deferred reference that the commit checks, or the same error.
    func refusal(_ error: PostgreSQLError) -> any Error {
        error.isAboutRow ? RepositoryError.row(RowErrors(fields, catalogs.known).rowError(error)) : error
    }

    /// Ends a transaction without a commit.
    private struct Undo: Error {
        let result: WriteResult
    }
}
#endif
