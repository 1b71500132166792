#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// The statements of a write in a transaction of a connection. Each is about many rows, which are given by their indexes.
struct RowStatements {
    let fields: FieldSet
    private let write: PreparedWrite
    private let arrays: RowArrays
    private let connection: PostgreSQLConnection
    private let catalogs: CatalogCache
    private let usesSavepoints: Bool

    /// - Parameters:
    ///   - write: The rows.
    ///   - fields: The fields of the rows.
    ///   - connection: A connection in a transaction.
    ///   - catalogs: The catalog of the table.
    ///   - usesSavepoints: Whether a statement that fails leaves the transaction as it was.
    init(
        _ write: PreparedWrite, _ fields: FieldSet, _ connection: PostgreSQLConnection, catalogs: CatalogCache,
        usesSavepoints: Bool
    ) {
        self.write = write
        self.fields = fields
        self.connection = connection
        self.catalogs = catalogs
        self.usesSavepoints = usesSavepoints
        arrays = RowArrays(write, fields)
    }

    /// Runs a statement that a broken rule of the table undoes.
    ///
    /// - Returns: Why a row was not written, or nil.
    /// - Throws: Any error that is not about a row; without savepoints, also one that is.
    func attempt(_ work: () async throws -> Void) async throws -> Failure? {
        do {
            if usesSavepoints { try await connection.withSavepoint(work) } else { try await work() }
            return nil
        } catch is SkippedRows {
            return Failure(error: nil)
        } catch let error as PostgreSQLError where usesSavepoints && error.isAboutRow {
            return Failure(error: error)
        }
    }

    /// Why a row was not written.
    struct Failure {
        /// PostgreSQL's error, or nil if a trigger skipped the row without an error.
        let error: PostgreSQLError?

        var isDuplicate: Bool { error?.sqlState == "23505" }
    }

    /// A trigger skipped rows of a statement.
    private struct SkippedRows: Error {}

    private func run(
        _ text: SQLArrayText, _ rows: [Int], keys: [RowValue] = [], isInsertion: Bool = false
    ) async throws -> PostgreSQLResult {
        try await connection.execute(
            text.text, arrays.parameters(of: text, rows: rows, keys: keys, isInsertion: isInsertion))
    }

    // MARK: - Finding

    /// Finds the rows with the same values in some fields, and locks them.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - names: The names of the fields.
    ///   - comparing: The columns to compare.
    ///   - reading: The names of more fields to read.
    ///   - lock: The lock.
    /// - Returns: The rows that were found.
    /// - Throws: `PostgreSQLError`.
    func lookUp(
        _ rows: [Int], by names: [String], comparing: [Int], reading: [String] = [], lock: SQLArrayText.Lock
    ) async throws -> RowLookUp {
        let isScopeOfView = write.scope != .all && fields.source != fields.table
        let text = SQLArrayText.lookUp(
            by: names, comparing: comparing.map { write.columns[$0].name },
            presences: partial(comparing, rows).map { write.columns[$0].name }, reading: reading, lock: lock,
            scope: isScopeOfView ? .all : write.scope, in: fields)
        var lookUp = RowLookUp(try await run(text, rows), rows, reading: reading, fields)
        if isScopeOfView, lookUp.result.rowCount > 0 {
            let keys = try await run(SQLArrayText.keys(in: write.scope, in: fields), [], keys: lookUp.keys)
            lookUp.setScope(Set((0..<keys.rowCount).map { keys.value($0, 0, fields.key.type) }))
        }
        return lookUp
    }

    /// Returns the keys of the rows with the same values in some fields, by the indexes of the given rows.
    func matches(_ rows: [Int], by names: [String]) async throws -> [Int: RowValue] {
        guard !rows.isEmpty else { return [:] }
        let result = try await run(SQLArrayText.matches(by: names, in: fields), rows, isInsertion: true)
        var keys: [Int: RowValue] = [:]
        for index in 0..<result.rowCount {
            guard let position = result.integer(index, 0) else { continue }
            keys[rows[Int(position) - 1]] = result.value(index, 1, fields.key.type)
        }
        return keys
    }

    /// Returns the values of some fields in the rows with some keys, as they are read.
    func values(of names: [String], keys: [RowValue]) async throws -> [RowValue: [String: RowValue]] {
        var values: [RowValue: [String: RowValue]] = [:]
        let columns = [fields.key.name] + names.filter { $0 != fields.key.name }
        for start in stride(from: 0, to: keys.count, by: 1000) {
            let part = Array(keys[start..<min(start + 1000, keys.count)])
            let text = try SQLText.rows(
                RowQuery(.values(fields.key.name, part), fields: columns), in: fields, for: .postgreSQL)
            let result = try await connection.execute(text.text, text.bindings)
            for row in 0..<result.rowCount {
                var found: [String: RowValue] = [:]
                for (column, name) in columns.enumerated() {
                    found[name] = result.value(row, column, fields[name]?.type ?? .text)
                }
                values[found[fields.key.name] ?? .null] = found
            }
        }
        return values
    }

    // MARK: - Writing

    /// Adds rows, all with or all without a key, and returns their keys.
    func insert(_ rows: [Int]) async throws -> [RowValue] {
        let names = insertedNames(rows)
        guard !names.isEmpty else { return try await insertDefaults(count: rows.count) }
        let result = try await run(SQLArrayText.insert(names, in: fields), rows, isInsertion: true)
        guard result.rowCount == rows.count else { throw SkippedRows() }
        return (0..<result.rowCount).map { result.value($0, 0, fields.key.type) }
    }

    private func insertDefaults(count: Int) async throws -> [RowValue] {
        let text = SQLText.insert([], in: fields, for: .postgreSQL)
        let version = write.firstVersion.map { PostgreSQLValue.integer($0) } ?? .null
        var keys: [RowValue] = []
        for _ in 0..<count {
            let result = try await connection.execute(text.text, text.parameters.map { _ in version })
            guard result.rowCount == 1 else { throw SkippedRows() }
            keys.append(result.value(0, 0, fields.key.type))
        }
        return keys
    }

    /// Adds rows or updates those with the same values in some unique fields.
    ///
    /// - Returns: The keys of the written rows in the order of the rows, and whether each was added.
    func upsert(_ rows: [Int], by unique: [String]) async throws -> [(key: RowValue, isNew: Bool)] {
        let text = SQLArrayText.upsert(
            insertedNames(rows), uniqueBy: unique, updating: write.columns.filter(\.isUpdated).map(\.name),
            comparing: write.columns.filter(\.isCompared).map(\.name), in: fields)
        let result = try await run(text, rows, isInsertion: true)
        return (0..<result.rowCount).map {
            (result.value($0, 0, fields.key.type), result.boolean($0, 1) == true)
        }
    }

    /// Sets the updated columns of rows that are locked.
    func update(_ rows: [Int], keys: [RowValue]) async throws {
        let columns = write.columns.indices.filter { column in
            write.columns[column].isUpdated && rows.contains { write.rows[$0, column] != .absent }
        }
        guard !columns.isEmpty || fields.version != nil else { return }
        let text = SQLArrayText.update(
            columns.map { write.columns[$0].name },
            presences: partial(columns, rows).map { write.columns[$0].name }, in: fields)
        _ = try await run(text, rows, keys: keys)
    }

    /// Removes rows that are locked.
    func delete(keys: [RowValue]) async throws {
        _ = try await run(SQLArrayText.delete(in: fields), [], keys: keys)
    }

    /// Advances the sequence of the keys to the greatest key. Rows with given keys do not advance it.
    ///
    /// A sequence that is set without the lock could go back: another transaction may have advanced it further and given out keys.
    func advanceSequence() async throws {
        let sequence = "CAST(pg_get_serial_sequence(quote_ident($1::text), $2::text) AS regclass)"
        let values: [PostgreSQLValue] = [.text(fields.table), .text(fields.key.column)]
        let lock = "SELECT pg_advisory_xact_lock(\(Self.lockClass), CAST(CAST(\(sequence) AS oid) AS int))"
        _ = try await connection.execute(lock, values)
        let text = """
            SELECT setval(s, greatest) FROM \(sequence) AS s, \
            (SELECT MAX("\(fields.key.column)") AS greatest FROM "\(fields.table)") AS keys \
            WHERE s IS NOT NULL AND greatest > COALESCE(pg_sequence_last_value(s), 0)
            """
        _ = try await connection.execute(text, values)
    }

    /// The first key of the advisory locks of sequences: "keys" in ASCII.
    private static let lockClass = 0x6B65_7973

    private func insertedNames(_ rows: [Int]) -> [String] {
        let isGiven = rows.first.map { hasKey($0) } ?? false
        return write.columns.filter { !$0.isKey || isGiven }.map(\.name)
    }

    /// Returns whether a new row has a given key.
    func hasKey(_ row: Int) -> Bool {
        write.keyColumn.map { write.insertedCell(row: row, column: $0) != .absent } ?? false
    }

    /// Returns the columns in which some rows have no value.
    private func partial(_ columns: [Int], _ rows: [Int]) -> [Int] {
        columns.filter { column in rows.contains { write.rows[$0, column] == .absent } }
    }

    // MARK: - Failures

    /// Returns the failure of a row.
    func rowError(_ failure: Failure, _ row: Int) async throws -> RowError {
        guard let error = failure.error else { return RowErrors.brokenRule }
        let catalog = try await catalogs.catalog(of: fields.table, with: error.constraint, connection)
        return RowErrors(fields, catalog).rowError(error, isDeletion: write.kind == .delete) { name in
            write.rows.column(of: name).flatMap { column in
                write.rows.value(of: write.insertedCell(row: row, column: column))
            }
        }
    }
}
#endif
