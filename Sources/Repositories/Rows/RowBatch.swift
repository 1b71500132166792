/// Rows as a block of small cells and one block of text.
///
/// Readers and database drivers fill a batch without creating strings, and writers read it without creating any.
/// The cells of a row are contiguous.
public struct RowBatch: Sendable {
    /// The names of the fields, one for each cell of a row.
    public let columns: [String]

    /// The cells of all rows.
    public private(set) var cells: [Cell] = []

    /// The UTF-8 of all texts.
    private var arena: [UInt8] = []

    /// Creates a batch without rows.
    ///
    /// - Parameters:
    ///   - columns: The names of the fields.
    ///   - capacity: The number of rows for which memory is reserved.
    public init(columns: [String], capacity: Int = 0) {
        self.columns = columns
        if capacity > 0 { cells.reserveCapacity(capacity * columns.count) }
    }

    /// Creates a batch of rows. A row with fewer values than there are columns has no value for the others, and additional
    /// values are ignored.
    public init(columns: [String], rows: [[RowValue]]) {
        self.init(columns: columns, capacity: rows.count)
        for row in rows {
            for index in columns.indices {
                if index < row.count { append(row[index]) } else { append(cell: .absent) }
            }
        }
    }

    /// Creates a batch of one row.
    public init(_ row: KeyValuePairs<String, RowValue>) {
        self.init(columns: row.map(\.key), rows: [row.map(\.value)])
    }

    /// Creates a batch without rows in which the text cells of another batch are valid.
    init(columns: [String], sharingTextOf other: RowBatch, rowCapacity: Int) {
        self.init(columns: columns, capacity: rowCapacity)
        arena = other.arena
    }

    /// The number of complete rows.
    public var rowCount: Int { columns.isEmpty ? 0 : cells.count / columns.count }

    /// Whether there are no rows.
    public var isEmpty: Bool { rowCount == 0 }

    /// The number of bytes of all texts.
    public var textByteCount: Int { arena.count }

    /// Returns the position of a field in each row, or nil if the batch does not have it.
    ///
    /// - Complexity: O(number of columns).
    public func column(of field: String) -> Int? {
        columns.firstIndex(of: field)
    }

    /// The cell of a row and a column.
    public subscript(row: Int, column: Int) -> Cell {
        get { cells[row * columns.count + column] }
        set { cells[row * columns.count + column] = newValue }
    }
}

// MARK: - Filling

extension RowBatch {
    /// Adds a cell. A text cell must be one that a method of this batch returned.
    public mutating func append(cell: Cell) {
        cells.append(cell)
    }

    /// Adds a value.
    public mutating func append(_ value: RowValue) {
        cells.append(cell(for: value))
    }

    /// Adds a text by its UTF-8.
    public mutating func append(utf8 bytes: UnsafeRawBufferPointer) {
        let offset = arena.count
        arena.append(contentsOf: bytes)
        cells.append(.text(offset: offset, length: UInt32(bytes.count)))
    }

    /// Replaces the value of a row and a column.
    public mutating func set(_ value: RowValue, row: Int, column: Int) {
        self[row, column] = cell(for: value)
    }

    /// Removes the last row.
    public mutating func removeLastRow() {
        cells.removeLast(min(cells.count, columns.count))
    }

    /// Reserves memory for more text.
    public mutating func reserveText(byteCount: Int) {
        arena.reserveCapacity(arena.count + byteCount)
    }

    /// Stores the text of a value and returns the cell for it.
    public mutating func cell(for value: RowValue) -> Cell {
        switch value {
        case .null: return .null
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .boolean(let value): return .boolean(value)
        case .text(let text):
            let offset = arena.count
            arena.append(contentsOf: text.utf8)
            return .text(offset: offset, length: UInt32(arena.count - offset))
        }
    }

    /// Adds bytes to the text that ``endText(from:)`` ends.
    mutating func appendTextBytes(_ bytes: UnsafeRawBufferPointer) {
        arena.append(contentsOf: bytes)
    }

    /// Returns the cell for the text that was added since the arena had a number of bytes.
    func endText(from offset: Int) -> Cell {
        .text(offset: offset, length: UInt32(arena.count - offset))
    }

    /// Removes the text that was added since the arena had a number of bytes.
    mutating func removeText(from offset: Int) {
        arena.removeSubrange(offset...)
    }
}

// MARK: - Reading

extension RowBatch {
    /// Calls a closure with the text of all cells, in which text cells have their positions.
    public func withTextBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try arena.span.withUnsafeBytes(body)
    }

    /// Returns the text of a cell, or nil if it is not a text.
    public func text(of cell: Cell) -> String? {
        guard case .text(let offset, let length) = cell else { return nil }
        return String(decoding: arena[offset..<offset + Int(length)], as: UTF8.self)
    }

    /// Returns the value of a cell, or nil if it is absent.
    public func value(of cell: Cell) -> RowValue? {
        switch cell {
        case .absent: nil
        case .null: .null
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .boolean(let value): .boolean(value)
        case .text: .text(text(of: cell) ?? "")
        }
    }

    /// Returns the value of a field in a row, or nil if it is absent or the batch does not have the field.
    public func value(row: Int, field: String) -> RowValue? {
        column(of: field).flatMap { value(of: self[row, $0]) }
    }

    /// Returns the values of a row in the order of the columns. Absent values are null.
    public func values(row: Int) -> [RowValue] {
        columns.indices.map { value(of: self[row, $0]) ?? .null }
    }
}

extension RowBatch: Equatable {
    /// Whether both batches have the same columns and the same values in the same order.
    ///
    /// - Complexity: O(number of cells and bytes of text).
    public static func == (left: RowBatch, right: RowBatch) -> Bool {
        left.columns == right.columns && left.cells.count == right.cells.count
            && zip(left.cells, right.cells).allSatisfy { left.value(of: $0) == right.value(of: $1) }
    }
}
