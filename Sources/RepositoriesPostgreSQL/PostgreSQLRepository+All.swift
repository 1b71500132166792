#if PostgreSQL
import PostgreSQLTransport
public import Repositories

extension PostgreSQLRepository {
    /// Updates or deletes all selected rows in one statement.
    ///
    /// With `FieldSet.reading(from:)`, the rows are locked first and their keys are held in memory meanwhile, because only a
    /// second statement finds which of them the view still selects.
    ///
    /// - Throws: `RepositoryError` for an invalid row, a broken rule of the database, and for more than `maximum` rows,
    ///   which are counted first; `SelectionError`; and `PostgreSQLError`. Then nothing is changed.
    public func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        let selection = try selection.validated(against: fields)
        let values = try row.map { try PreparedWrite.values(setting: $0, in: fields) }
        let counting = try SQLText.count(selection, in: fields, for: .postgreSQL)
        do {
            return try await withTransaction { connection in
                func check(_ count: Int) throws {
                    guard let maximum, count > maximum else { return }
                    throw RepositoryError.tooManyRows(count: count, maximum: maximum)
                }
                if maximum != nil {
                    let result = try await connection.execute(counting.text, counting.bindings)
                    try check(result.integer(0, 0).map { Int(clamping: $0) } ?? 0)
                }
                let count = try await writeAll(selection, setting: values, in: connection)
                // Another transaction may have committed more rows in between.
                try check(count)
                return count
            }
        } catch let error as PostgreSQLError where error.isAboutRow {
            _ = try? await client.withConnection { connection in
                try await catalogs.catalog(of: fields.table, with: error.constraint, connection)
            }
            throw refusal(error)
        }
    }

    private func writeAll(
        _ selection: Selection, setting values: [(name: String, value: RowValue)]?, in connection: PostgreSQLConnection
    ) async throws -> Int {
        guard fields.source != fields.table, selection != .all else {
            let text =
                values.map { SQLText.updateAll(selection, setting: $0, in: fields, for: .postgreSQL) }
                ?? SQLText.deleteAll(selection, in: fields, for: .postgreSQL)
            return try await connection.execute(text.text, text.bindings).changedCount
        }
        let lock = SQLArrayText.lockAll(selection, in: fields)
        let locked = try await connection.execute(lock.text, lock.bindings())
        let keys = (0..<locked.rowCount).map { locked.value($0, 0, fields.key.type) }
        let text = SQLArrayText.writeAll(selection, setting: values, in: fields)
        let bindings = text.bindings(keys: .array(of: keys, fields.key.type))
        return try await connection.execute(text.text, bindings).changedCount
    }
}

extension SQLArrayText {
    /// Returns what is bound, for a statement that only has values and keys as its parameters.
    fileprivate func bindings(keys: PostgreSQLValue = .null) -> [PostgreSQLValue] {
        parameters.map { if case .value(let value) = $0 { PostgreSQLValue(value) } else { keys } }
    }
}
#endif
