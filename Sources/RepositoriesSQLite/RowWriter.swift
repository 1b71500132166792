#if GRDB
import GRDB
import GRDBSQLite
import Repositories

/// Carries out a write in a transaction of a connection.
struct RowWriter {
    private let write: PreparedWrite
    private let original: RowWrite
    private let fields: FieldSet
    private let db: Database
    private let texts: StatementTexts
    private let names: [String]
    /// The columns that are set in an existing row, and whether all rows have a value in all of them.
    private let updated: [Int]
    private let isComplete: Bool
    private let compared: [Int]

    private var insertion: PreparedStatement?
    private var lookUp: PreparedStatement?
    private var deletions: [Bool: PreparedStatement] = [:]
    private var updates: [UpdateShape: PreparedStatement] = [:]
    private var lastUpdate: (shape: UpdateShape, statement: PreparedStatement)?

    /// The columns that an update sets, and whether it checks the version.
    private struct UpdateShape: Hashable {
        let columns: [Int]
        let checksVersion: Bool
    }

    init(_ write: PreparedWrite, _ original: RowWrite, _ fields: FieldSet, _ db: Database, _ texts: StatementTexts) {
        self.write = write
        self.original = original
        self.fields = fields
        self.db = db
        self.texts = texts
        let columns = write.columns
        names = columns.map(\.name)
        let updated = columns.indices.filter { columns[$0].isUpdated }
        self.updated = updated
        compared = columns.indices.filter { columns[$0].isCompared }
        isComplete = !(0..<write.rows.rowCount).contains { row in
            updated.contains { write.rows[row, $0] == .absent }
        }
    }

    /// Writes all rows, and returns their outcomes.
    ///
    /// - Throws: Errors that are not about single rows. The transaction has to be rolled back then.
    mutating func run() throws -> [RowOutcome] {
        let rows = write.rows
        return try rows.withTextBytes { text in
            defer { releaseCells() }
            var outcomes: [RowOutcome] = []
            outcomes.reserveCapacity(rows.rowCount)
            for row in 0..<rows.rowCount {
                if let error = write.error(row: row) {
                    outcomes.append(.failed(error))
                    continue
                }
                do {
                    outcomes.append(try outcome(row, text))
                } catch {
                    // A statement that breaks a rule undoes itself and leaves the transaction.
                    guard db.isInsideTransaction, let error = RowError(error, in: fields) else { throw error }
                    outcomes.append(.failed(try missingReference(row, error) ?? error))
                }
            }
            return outcomes
        }
    }

    /// Returns the error of the first field whose referenced row does not exist: SQLite does not name it.
    private func missingReference(_ row: Int, _ error: RowError) throws -> RowError? {
        guard error.code == .reference, write.kind != .delete else { return nil }
        for key in try db.foreignKeys(on: fields.table) {
            guard let (origin, destination) = key.mapping.first, key.mapping.count == 1,
                let field = fields.fields.first(where: { $0.column.lowercased() == origin.lowercased() }),
                let value = write.rows.value(row: row, field: field.name), value != .null
            else { continue }
            let query: SQLRequest<Bool> = """
                SELECT EXISTS (SELECT 1 FROM \(sql: key.destinationTable.quotedDatabaseIdentifier) \
                WHERE \(sql: destination.quotedDatabaseIdentifier) = \(value.databaseValue))
                """
            guard try query.fetchOne(db) != true else { continue }
            return RowError(.reference, field: field.name, "Invalid pk \(value) - object does not exist.")
        }
        return nil
    }

    /// Releases the cells that are bound to statements, before their memory is.
    private func releaseCells() {
        for statement in [insertion, lookUp].compactMap(\.self) + deletions.values + updates.values {
            statement.reset()
        }
    }

    private mutating func outcome(_ row: Int, _ text: UnsafeRawBufferPointer) throws -> RowOutcome {
        switch write.kind {
        case .create: return try insert(row, text)
        case .upsert(let unique, _): return try upsert(row, by: unique, text)
        case .update, .replace:
            guard let key = write.key(row: row) else { return .failed(.notFound) }
            return try update(key, row, text)
        case .delete:
            guard let key = write.key(row: row) else { return .failed(.notFound) }
            return try delete(key, row)
        }
    }

    // MARK: - Creating

    private mutating func insert(_ row: Int, _ text: UnsafeRawBufferPointer) throws -> RowOutcome {
        if let error = write.insertionError(row: row) { return .failed(error) }
        guard write.permitsInsertion(row: row) else { return .failed(.notFound) }
        let statement = try insertion ?? prepare(SQLText.insert(names, in: fields, for: .sqlite))
        insertion = statement
        try statement.bind(text: text) { write.insertedCell(row: row, column: $0) }
        _ = try statement.step()
        statement.rewind()
        return .created(write.key(row: row) ?? .integer(db.lastInsertedRowID))
    }

    // MARK: - Updating

    private mutating func upsert(_ row: Int, by unique: [String], _ text: UnsafeRawBufferPointer) throws -> RowOutcome {
        let lookUp =
            try self.lookUp
            ?? prepare(
                SQLText.lookUp(
                    by: unique, reading: compared.map { names[$0] }, scope: write.scope, in: fields, for: .sqlite))
        self.lookUp = lookUp
        try lookUp.bind(text: text) { write.rows[row, $0] }
        guard try lookUp.step() else {
            lookUp.rewind()
            return try insert(row, text)
        }
        let key = lookUp.key(at: 0, fields.key.type)
        let isInScope = sqlite3_column_int(lookUp.handle, 1) != 0
        let first: CInt = fields.version == nil ? 2 : 3
        let isUnchanged = compared.indices.allSatisfy { index in
            lookUp.column(first + CInt(index), equals: write.rows[row, compared[index]], of: text)
        }
        let version = fields.version == nil ? nil : sqlite3_column_int64(lookUp.handle, 2)
        lookUp.rewind()
        guard isInScope else { return .failed(write.keepsScope ? .notFound : .duplicate(unique)) }
        if let expected = original.version(row: row), let version, version != expected { return .failed(.conflict) }
        if isUnchanged { return .unchanged(key) }
        return try update(key, row, text)
    }

    private mutating func update(_ key: RowValue, _ row: Int, _ text: UnsafeRawBufferPointer) throws -> RowOutcome {
        guard try write.permitsUpdate(row: row, existing: { try value(of: $0, in: key) }) else {
            return .failed(.notFound)
        }
        let version = fields.version == nil ? nil : original.version(row: row)
        let columns = isComplete ? updated : updated.filter { write.rows[row, $0] != .absent }
        let shape = UpdateShape(columns: columns, checksVersion: version != nil)
        guard let statement = try updateStatement(shape) else {
            // Nothing to set.
            return try isThere(key) ? .updated(key) : .failed(.notFound)
        }
        try statement.bind(key: key, version: version, text: text) { write.rows[row, $0] }
        _ = try statement.step()
        statement.rewind()
        if db.changesCount > 0 { return .updated(key) }
        return .failed(try version != nil && isThere(key) ? .conflict : .notFound)
    }

    /// Returns the statement of an update, or nil if there is nothing to set.
    private mutating func updateStatement(_ shape: UpdateShape) throws -> PreparedStatement? {
        // Most rows of a batch have the same columns.
        if let lastUpdate, lastUpdate.shape == shape { return lastUpdate.statement }
        var statement = updates[shape]
        if statement == nil {
            let text = SQLText.update(
                shape.columns.map { names[$0] }, checksVersion: shape.checksVersion, scope: write.scope, in: fields,
                for: .sqlite)
            statement = try text.map { try prepare($0) }
            updates[shape] = statement
        }
        lastUpdate = statement.map { (shape, $0) }
        return statement
    }

    private mutating func delete(_ key: RowValue, _ row: Int) throws -> RowOutcome {
        let version = fields.version == nil ? nil : original.version(row: row)
        let statement =
            try deletions[version != nil]
            ?? prepare(
                SQLText.delete(checksVersion: version != nil, scope: write.scope, in: fields, for: .sqlite))
        deletions[version != nil] = statement
        try statement.bind(key: key, version: version)
        _ = try statement.step()
        statement.rewind()
        if db.changesCount > 0 { return .deleted(key) }
        return .failed(try version != nil && isThere(key) ? .conflict : .notFound)
    }

    /// Returns the value of a field in the row with a key, or null without such a row.
    private func value(of name: String, in key: RowValue) throws -> RowValue {
        let query = RowQuery(.comparison(fields.key.name, .equal, key), limit: 1, fields: [name])
        let statement = try prepare(SQLText.rows(query, in: fields, for: .sqlite))
        let rows = try statement.rows([name], types: [fields[name]?.type ?? .text])
        return rows.isEmpty ? .null : rows.value(row: 0, field: name) ?? .null
    }

    /// Returns whether the scope has a row with a key.
    private func isThere(_ key: RowValue) throws -> Bool {
        let selection = Selection.comparison(fields.key.name, .equal, key) && write.scope
        return try prepare(SQLText.count(selection, in: fields, for: .sqlite)).integer() > 0
    }

    private func prepare(_ text: SQLText) throws -> PreparedStatement {
        try PreparedStatement(text, in: db, texts, columns: names, firstVersion: write.firstVersion)
    }
}

extension RowValue {
    /// The value as an argument of GRDB.
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .number(let value): value.databaseValue
        case .boolean(let value): value.databaseValue
        case .text(let text): text.databaseValue
        }
    }
}
#endif
