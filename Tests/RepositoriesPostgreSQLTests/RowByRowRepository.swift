#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// The repository of the guide "Bring your own database", with calls of `PostgreSQLTransport` in place of those of PostgresNIO.
struct RowByRowRepository: Repository {
    let fields: FieldSet
    let client: PostgreSQLClient
    /// The unique fields by the names of their constraints.
    let constraints: [String: [String]]

    func rows(_ query: RowQuery) async throws -> RowBatch {
        let text = try SQLText.rows(query, in: fields, for: .postgreSQL)
        let columns = query.columns(in: fields)
        let result = try await client.execute(text.text, text.bindings())
        return batch(result, columns)
    }

    func count(_ selection: Selection) async throws -> Int {
        let text = try SQLText.count(selection, in: fields, for: .postgreSQL)
        return Int(try await client.execute(text.text, text.bindings()).integer(0, 0) ?? 0)
    }

    private func batch(_ result: PostgreSQLResult, _ columns: [String]) -> RowBatch {
        var batch = RowBatch(columns: columns)
        for row in 0..<result.rowCount {
            for (index, name) in columns.enumerated() {
                batch.append(result.rowValue(row, index, fields[name]?.type ?? .text))
            }
        }
        return batch
    }

    func apply(_ write: RowWrite) async throws -> WriteResult {
        let prepared = try PreparedWrite(write, in: fields)
        do {
            return try await client.withTransaction { connection in
                var outcomes: [RowOutcome] = []
                for row in 0..<write.rows.rowCount {
                    do {
                        try await connection.withSavepoint {
                            if let error = prepared.error(row: row) { throw error }
                            outcomes.append(try await outcome(of: row, prepared, write.version(row: row), connection))
                        }
                    } catch {
                        guard let error = rowError(error) else { throw error }
                        outcomes.append(.failed(error))
                    }
                }
                let result = WriteResult(outcomes, isAtomic: write.isAtomic)
                if write.isAtomic, result.failedCount > 0 { throw Undo(result: result) }
                return result
            }
        } catch let undo as Undo {
            return undo.result
        }
    }

    private func outcome(
        of row: Int, _ write: PreparedWrite, _ version: Int64?, _ connection: PostgreSQLConnection
    ) async throws -> RowOutcome {
        let names = write.columns.map(\.name)
        func value(_ name: String) -> RowValue { write.rows.value(row: row, field: name) ?? .null }
        func run(_ text: SQLText, _ suffix: String, key: RowValue = .null) async throws -> PostgreSQLResult {
            try await connection.execute(text.text + suffix, text.bindings(key: key, version: version, field: value))
        }
        func insert() async throws -> RowOutcome {
            if let error = write.insertionError(row: row) { throw error }
            guard write.permitsInsertion(row: row) else { throw RowError.notFound }
            let given = names.indices.filter { write.insertedCell(row: row, column: $0) != .absent }
            let text = SQLText.insert(given.map { names[$0] }, in: fields, for: .postgreSQL)
            let bindings = text.bindings(version: write.firstVersion) { name in
                let column = write.rows.column(of: name) ?? 0
                return write.rows.value(of: write.insertedCell(row: row, column: column)) ?? .null
            }
            return .created(try await connection.execute(text.text, bindings).rowValue(0, 0, fields.key.type))
        }
        func update(_ key: RowValue) async throws -> RowOutcome {
            if write.keepsScope {
                let old = try await existing(key, connection)
                func value(_ name: String) -> RowValue { old.isEmpty ? .null : old.value(row: 0, field: name) ?? .null }
                guard write.permitsUpdate(row: row, existing: value) else { throw RowError.notFound }
            }
            let set = names.indices.filter { write.columns[$0].isUpdated && write.rows[row, $0] != .absent }
            let text = SQLText.update(
                set.map { names[$0] }, checksVersion: version != nil && fields.version != nil, scope: write.scope,
                in: fields, for: .postgreSQL)
            if let text, try await run(text, " RETURNING 1", key: key).rowCount > 0 { return .updated(key) }
            let isThere = try await exists(key, write.scope, connection)
            if text == nil, isThere { return .updated(key) }
            throw isThere ? RowError.conflict : RowError.notFound
        }
        switch write.kind {
        case .create: return try await insert()
        case .update, .replace:
            guard let key = write.key(row: row) else { throw RowError.notFound }
            return try await update(key)
        case .delete:
            guard let key = write.key(row: row) else { throw RowError.notFound }
            let text = SQLText.delete(
                checksVersion: version != nil && fields.version != nil, scope: write.scope, in: fields, for: .postgreSQL
            )
            if try await run(text, " RETURNING 1", key: key).rowCount > 0 { return .deleted(key) }
            throw try await exists(key, write.scope, connection) ? RowError.conflict : RowError.notFound
        case .upsert(let unique, _):
            let compared = write.columns.filter(\.isCompared).map(\.name)
            let text = SQLText.lookUp(by: unique, reading: compared, scope: write.scope, in: fields, for: .postgreSQL)
            let found = try await run(text, " FOR UPDATE")
            guard found.rowCount > 0 else { return try await insert() }
            guard found.boolean(0, 1) == true else {
                throw write.keepsScope ? RowError.notFound : RowError.duplicate(unique)
            }
            let first = fields.version == nil ? 2 : 3
            if let version, first == 3, found.integer(0, 2) != version { throw RowError.conflict }
            let isEqual = compared.enumerated().allSatisfy { index, name in
                let given = write.rows.value(row: row, field: name)
                return given == nil || found.rowValue(0, first + index, fields[name]?.type ?? .text) == given
            }
            let key = found.rowValue(0, 0, fields.key.type)
            return isEqual ? .unchanged(key) : try await update(key)
        }
    }

    private func exists(_ key: RowValue, _ scope: Selection, _ connection: PostgreSQLConnection) async throws -> Bool {
        let selection = Selection.comparison(fields.key.name, .equal, key) && scope
        let text = try SQLText.count(selection, in: fields, for: .postgreSQL)
        return try await connection.execute(text.text, text.bindings()).integer(0, 0) != 0
    }

    private func existing(_ key: RowValue, _ connection: PostgreSQLConnection) async throws -> RowBatch {
        let names = fields.fields.map(\.name)
        let query = RowQuery(.comparison(fields.key.name, .equal, key), fields: names)
        let text = try SQLText.rows(query, in: fields, for: .postgreSQL)
        return batch(try await connection.execute(text.text + " FOR UPDATE", text.bindings()), names)
    }

    private func rowError(_ error: any Error) -> RowError? {
        if let error = error as? RowError { return error }
        guard let info = error as? PostgreSQLError else { return nil }
        switch info.sqlState {
        case "23505": return .duplicate(constraints[info.constraint ?? ""] ?? [])
        case "23503":
            return RowError(.reference, "The row refers to a row that does not exist, or is referred to by others.")
        case "23502", "23514":
            return RowError(.invalid, field: info.column, "The row breaks a rule of the database.")
        default: return nil
        }
    }

    private struct Undo: Error {
        let result: WriteResult
    }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        let selection = try selection.validated(against: fields)
        let values = try row.map { try PreparedWrite.values(setting: $0, in: fields) }
        let text =
            values.map { SQLText.updateAll(selection, setting: $0, in: fields, for: .postgreSQL) }
            ?? SQLText.deleteAll(selection, in: fields, for: .postgreSQL)
        do {
            return try await client.withTransaction { connection in
                let changed = try await connection.execute(text.text + " RETURNING 1", text.bindings()).rowCount
                if let maximum, changed > maximum {
                    throw RepositoryError.tooManyRows(count: changed, maximum: maximum)
                }
                return changed
            }
        } catch {
            throw rowError(error).map { RepositoryError.row($0) } ?? error
        }
    }
}

extension SQLText {
    fileprivate func bindings(
        key: RowValue = .null, version: Int64? = nil, field: (String) -> RowValue = { _ in .null }
    ) -> [PostgreSQLValue] {
        parameters.map { parameter in
            switch parameter {
            case .value(let value): Self.binding(value)
            case .field(let name): Self.binding(field(name))
            case .key: Self.binding(key)
            case .expectedVersion, .firstVersion: version.map { .integer($0) } ?? .null
            }
        }
    }

    private static func binding(_ value: RowValue) -> PostgreSQLValue {
        switch value {
        case .null: .null
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .boolean(let value): .boolean(value)
        case .text(let value): .text(value)
        }
    }
}

extension PostgreSQLResult {
    fileprivate func rowValue(_ row: Int, _ column: Int, _ type: FieldType) -> RowValue {
        switch type {
        case .integer: integer(row, column).map { .integer($0) } ?? .null
        case .number: number(row, column).map { .number($0) } ?? .null
        case .boolean: boolean(row, column).map { .boolean($0) } ?? .null
        case .text: text(row, column).map { .text($0) } ?? .null
        }
    }
}
#endif
