#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// Makes the arrays of statements about many rows from the cells of a write.
struct RowArrays {
    private let write: PreparedWrite
    private let fields: FieldSet

    init(_ write: PreparedWrite, _ fields: FieldSet) {
        self.write = write
        self.fields = fields
    }

    /// Returns what is bound to the parameters of a statement.
    ///
    /// - Parameters:
    ///   - text: The statement.
    ///   - rows: The indexes of the rows.
    ///   - keys: The keys of the rows, for a statement with keys.
    ///   - isInsertion: Whether absent cells are those of new rows, which have defaults.
    /// - Returns: An array for each column, and the values of the statement.
    /// - Complexity: O(number of cells and bytes of text).
    func parameters(
        of text: SQLArrayText, rows: [Int], keys: [RowValue] = [], isInsertion: Bool = false
    ) -> [PostgreSQLValue] {
        text.parameters.map { parameter in
            switch parameter {
            case .value(let value): PostgreSQLValue(value)
            case .firstVersion: write.firstVersion.map { .integer($0) } ?? .null
            case .keys: .array(of: keys, fields.key.type)
            case .values(let name): array(of: name, rows, isInsertion)
            case .presence(let name):
                .booleans(rows.map { row in column(of: name).map { write.rows[row, $0] != .absent } ?? false })
            }
        }
    }

    private func column(of name: String) -> Int? {
        write.columns.firstIndex { $0.name == name }
    }

    private func array(of name: String, _ rows: [Int], _ isInsertion: Bool) -> PostgreSQLValue {
        let type = fields[name]?.type ?? .text
        guard let column = column(of: name) else { return Self.nulls(type, count: rows.count) }
        func cell(_ row: Int) -> Cell {
            isInsertion ? write.insertedCell(row: row, column: column) : write.rows[row, column]
        }
        switch type {
        case .integer: return .integers(rows.map { if case .integer(let value) = cell($0) { value } else { nil } })
        case .number: return .numbers(rows.map { if case .number(let value) = cell($0) { value } else { nil } })
        case .boolean: return .booleans(rows.map { if case .boolean(let value) = cell($0) { value } else { nil } })
        case .text:
            return write.rows.withTextBytes { text in
                .texts(
                    rows.map { row in
                        guard case .text(let offset, let length) = cell(row) else { return nil }
                        return String(decoding: text[offset..<offset + Int(length)], as: UTF8.self)
                    })
            }
        }
    }

    private static func nulls(_ type: FieldType, count: Int) -> PostgreSQLValue {
        switch type {
        case .integer: .integers(Array(repeating: nil, count: count))
        case .number: .numbers(Array(repeating: nil, count: count))
        case .boolean: .booleans(Array(repeating: nil, count: count))
        case .text: .texts(Array(repeating: nil, count: count))
        }
    }
}

extension SQLText {
    /// What is bound, for a statement that only has values as its parameters.
    var bindings: [PostgreSQLValue] { values.map { PostgreSQLValue($0) } }
}

extension PostgreSQLValue {
    /// Returns the array of some values of one type.
    static func array(of values: [RowValue], _ type: FieldType) -> PostgreSQLValue {
        switch type {
        case .integer: .integers(values.map { Int64(rowValue: $0) })
        case .number: .numbers(values.map { Double(rowValue: $0) })
        case .boolean: .booleans(values.map { Bool(rowValue: $0) })
        case .text: .texts(values.map { String(rowValue: $0) })
        }
    }

    /// Creates the parameter for a value of a row.
    init(_ value: RowValue) {
        switch value {
        case .null: self = .null
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .boolean(let value): self = .boolean(value)
        case .text(let value): self = .text(value)
        }
    }
}
#endif
