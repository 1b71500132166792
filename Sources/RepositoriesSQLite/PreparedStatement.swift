#if GRDB
import GRDB
import GRDBSQLite
import Repositories

/// A prepared statement and what is bound to its parameters.
///
/// The statement is used through SQLite's functions: cells are bound in place, and columns become cells.
struct PreparedStatement {
    /// What is bound to a parameter.
    enum Binding {
        case value(RowValue)
        case column(Int)
        case key
        case expectedVersion
    }

    /// Owns `handle`.
    private let statement: Statement
    let handle: OpaquePointer
    private let connection: OpaquePointer?
    private let bindings: [Binding]

    /// Prepares a statement.
    ///
    /// - Parameters:
    ///   - text: The statement.
    ///   - db: The connection.
    ///   - texts: The statements that stay prepared.
    ///   - columns: The names of the columns of the rows that are bound.
    ///   - firstVersion: The version of rows that are added.
    /// - Throws: GRDB's error for a text that SQLite rejects, for example because the table does not have a column.
    init(
        _ text: SQLText, in db: Database, _ texts: StatementTexts, columns: [String] = [], firstVersion: Int64? = nil
    ) throws {
        statement =
            texts.isKept(text.text) ? try db.cachedStatement(sql: text.text) : try db.makeStatement(sql: text.text)
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
        bindings = text.parameters.map { parameter in
            switch parameter {
            case .value(let value): .value(value)
            case .field(let name): columns.firstIndex(of: name).map { .column($0) } ?? .value(.null)
            case .key: .key
            case .expectedVersion: .expectedVersion
            case .firstVersion: .value(firstVersion.map { .integer($0) } ?? .null)
            }
        }
        reset()
    }

    /// Makes the statement ready for its next use with other cells.
    func rewind() {
        _ = withExtendedLifetime(statement) { sqlite3_reset(handle) }
    }

    /// Makes the statement ready for its next use, and releases what is bound.
    func reset() {
        withExtendedLifetime(statement) {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
    }

    /// Advances to the next row of the result.
    ///
    /// - Returns: Whether there is one.
    /// - Throws: SQLite's error. Then the statement is reset.
    func step() throws -> Bool {
        let code = withExtendedLifetime(statement) { sqlite3_step(handle) }
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure()
        }
    }

    private func failure() -> DatabaseError {
        let error = DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) })
        reset()
        return error
    }

    /// Binds the values, and what a row gives the other parameters.
    ///
    /// - Parameters:
    ///   - key: The key of the row.
    ///   - version: The expected version.
    ///   - text: The text of the batch. It has to stay valid until the statement is reset; rewinding is not enough.
    ///   - cell: Returns the cell of a column of the row.
    /// - Throws: SQLite's error, for example for a text that is too long.
    func bind(
        key: RowValue? = nil, version: Int64? = nil, text: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        _ cell: (Int) -> Cell = { _ in .null }
    ) throws {
        for (index, binding) in bindings.enumerated() {
            let position = CInt(index + 1)
            let code =
                switch binding {
                case .value(let value): bind(value, at: position)
                case .key: bind(key ?? .null, at: position)
                case .expectedVersion: bind(version.map { .integer($0) } ?? .null, at: position)
                case .column(let column): bind(cell(column), of: text, at: position)
                }
            guard code == SQLITE_OK else { throw failure() }
        }
    }

    private func bind(_ cell: Cell, of text: UnsafeRawBufferPointer, at position: CInt) -> CInt {
        switch cell {
        case .absent, .null: return sqlite3_bind_null(handle, position)
        case .integer(let value): return sqlite3_bind_int64(handle, position, value)
        case .number(let value): return sqlite3_bind_double(handle, position, value)
        case .boolean(let value): return sqlite3_bind_int(handle, position, value ? 1 : 0)
        case .text(let offset, let length):
            // SQLite binds null for a text without an address.
            guard length > 0, let start = text.baseAddress else {
                return sqlite3_bind_text(handle, position, "", 0, Self.copied)
            }
            let bytes = (start + offset).assumingMemoryBound(to: CChar.self)
            return sqlite3_bind_text(handle, position, bytes, CInt(clamping: length), nil)
        }
    }

    private func bind(_ value: RowValue, at position: CInt) -> CInt {
        switch value {
        case .null: return sqlite3_bind_null(handle, position)
        case .integer(let value): return sqlite3_bind_int64(handle, position, value)
        case .number(let value): return sqlite3_bind_double(handle, position, value)
        case .boolean(let value): return sqlite3_bind_int(handle, position, value ? 1 : 0)
        case .text(let text):
            return sqlite3_bind_text(handle, position, text, CInt(clamping: text.utf8.count), Self.copied)
        }
    }

    /// Has SQLite copy a text when it is bound.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

// MARK: - Running

extension PreparedStatement {
    /// Runs a statement that only has values as its parameters and that returns nothing.
    func run() throws {
        try bind()
        while try step() {}
        reset()
    }

    /// Returns the first column of the first row.
    func integer() throws -> Int {
        try bind()
        let value = try step() ? Int(clamping: sqlite3_column_int64(handle, 0)) : 0
        reset()
        return value
    }

    /// Returns all rows.
    func rows(_ columns: [String], types: [FieldType]) throws -> RowBatch {
        try bind()
        defer { reset() }
        var batch = RowBatch(columns: columns)
        while try step() {
            for (index, type) in types.enumerated() { appendColumn(CInt(index), type, to: &batch) }
        }
        return batch
    }

    private func appendColumn(_ index: CInt, _ type: FieldType, to batch: inout RowBatch) {
        guard sqlite3_column_type(handle, index) != SQLITE_NULL else { return batch.append(cell: .null) }
        switch type {
        case .integer: batch.append(cell: .integer(sqlite3_column_int64(handle, index)))
        case .number: batch.append(cell: .number(sqlite3_column_double(handle, index)))
        case .boolean: batch.append(cell: .boolean(sqlite3_column_int64(handle, index) != 0))
        case .text:
            let bytes = text(at: index)
            // A text of another program may not be UTF-8, as JSON has to be.
            if bytes.allSatisfy({ $0 < 0x80 }) {
                batch.append(utf8: bytes)
            } else {
                batch.append(.text(String(decoding: bytes, as: UTF8.self)))
            }
        }
    }

    /// The text of a column, which is valid until the next step.
    func text(at index: CInt) -> UnsafeRawBufferPointer {
        // The text first: it may convert the value, and the number of bytes is then that of the text.
        let start = sqlite3_column_text(handle, index)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
    }

    /// The value of a column that is a key.
    func key(at index: CInt, _ type: FieldType) -> RowValue {
        type == .text
            ? .text(String(decoding: text(at: index), as: UTF8.self)) : .integer(sqlite3_column_int64(handle, index))
    }

    /// Returns whether a column has the value of a cell.
    func column(_ index: CInt, equals cell: Cell, of text: UnsafeRawBufferPointer) -> Bool {
        let isNull = sqlite3_column_type(handle, index) == SQLITE_NULL
        switch cell {
        case .absent: return true
        case .null: return isNull
        case .integer(let value): return !isNull && sqlite3_column_int64(handle, index) == value
        case .number(let value): return !isNull && sqlite3_column_double(handle, index) == value
        case .boolean(let value): return !isNull && (sqlite3_column_int64(handle, index) != 0) == value
        case .text(let offset, let length):
            return !isNull && self.text(at: index).elementsEqual(text[offset..<offset + Int(length)])
        }
    }
}
#endif
