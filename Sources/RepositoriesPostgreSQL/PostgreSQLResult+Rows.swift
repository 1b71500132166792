#if PostgreSQL
import PostgreSQLTransport
import Repositories

extension PostgreSQLResult {
    /// Returns all rows. Texts are copied from the result without creating strings.
    ///
    /// - Complexity: O(number of cells and bytes of text).
    func rows(_ columns: [String], types: [FieldType]) -> RowBatch {
        var batch = RowBatch(columns: columns, capacity: rowCount)
        for row in 0..<rowCount {
            for (column, type) in types.enumerated() { append(row, column, type, to: &batch) }
        }
        return batch
    }

    private func append(_ row: Int, _ column: Int, _ type: FieldType, to batch: inout RowBatch) {
        switch type {
        case .integer: batch.append(cell: integer(row, column).map { .integer($0) } ?? .null)
        case .number: batch.append(cell: number(row, column).map { .number($0) } ?? .null)
        case .boolean: batch.append(cell: boolean(row, column).map { .boolean($0) } ?? .null)
        case .text:
            let isNull = withTextBytes(row, column) { batch.append(utf8: $0) } == nil
            if isNull { batch.append(cell: .null) }
        }
    }

    /// Returns a cell as a value of a type.
    func value(_ row: Int, _ column: Int, _ type: FieldType) -> RowValue {
        switch type {
        case .integer: integer(row, column).map { .integer($0) } ?? .null
        case .number: number(row, column).map { .number($0) } ?? .null
        case .boolean: boolean(row, column).map { .boolean($0) } ?? .null
        case .text: text(row, column).map { .text($0) } ?? .null
        }
    }
}
#endif
