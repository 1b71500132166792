import NIOCore
import Repositories

/// The items of an upsert: the valid rows, and the problems of the others.
struct UpsertItems {
    /// The number of items.
    let count: Int
    /// The valid rows.
    private(set) var rows: RowBatch
    /// The index of the item of each row.
    private(set) var indexes: [Int]
    /// The problems by the index of their item.
    private(set) var problems: [(index: Int, errors: FieldErrors)]
    private let unique: [String]
    private let body: ByteBuffer
    private let ranges: [Range<Int>]

    /// Reads a body that is one object or an array of objects.
    ///
    /// - Throws: ``FieldErrors`` for another body, and ``JSONSyntaxError`` for anything that is not JSON.
    init(
        _ body: ByteBuffer, uniqueBy unique: [String], bound: [(field: String, value: RowValue)], in fields: FieldSet
    ) throws {
        var options = RowJSONReader.Options(isPartial: true)
        options.reportsUnknownMembers = true
        options.readsKey = unique.contains(fields.key.name)
        options.suppliedFields = Set(bound.map(\.field))
        let first = body.readableBytesView.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        var list = body
        if first == UInt8(ascii: "{") {
            list = ByteBuffer(string: "[")
            list.writeImmutableBuffer(body)
            list.writeStaticString("]")
        }
        let reading = try RowJSONReader(fields, options: options).readArray(list)
        self.body = list
        self.unique = unique
        (count, ranges) = (reading.ranges.count, reading.ranges)
        (rows, indexes, problems) = (reading.rows, reading.indexes, reading.problems)
        for (field, value) in bound { bind(field, to: value) }
        removeInvalid()
    }

    /// The names of the fields that an item has.
    var givenFields: [String] {
        rows.columns.enumerated().filter { column, _ in
            (0..<rows.rowCount).contains { rows[$0, column] != .absent }
        }.map(\.element)
    }

    /// Returns the bytes of an item.
    func json(of index: Int) -> ByteBuffer {
        let range = ranges[index]
        return body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    // MARK: Problems

    /// Gives all rows the value that rows at this place have.
    private mutating func bind(_ field: String, to value: RowValue) {
        var refused: [Int: FieldErrors] = [:]
        for row in 0..<rows.rowCount {
            let given = rows.value(row: row, field: field)
            guard given != nil, given != value else { continue }
            refused[row] = FieldErrors(field: field, "This field must have the key of the parent.")
        }
        remove(refused)
        rows = rows.setting(field, to: value)
    }

    /// Moves rows to the problems that lack a unique field or have the values of an earlier item.
    private mutating func removeInvalid() {
        var refused: [Int: FieldErrors] = [:]
        var seen: [[RowValue]: Int] = [:]
        for row in 0..<rows.rowCount {
            let values = unique.map { rows.value(row: row, field: $0) ?? .null }
            if let missing = zip(unique, values).first(where: { $1 == .null }) {
                refused[row] = FieldErrors(field: missing.0, "This field is required.")
            } else if let first = seen.updateValue(seen[values] ?? indexes[row], forKey: values) {
                refused[row] = FieldErrors(
                    field: FieldErrors.nonFieldName, "Item \(first) has the same values in the unique fields.")
            }
        }
        remove(refused)
    }

    private mutating func remove(_ refused: [Int: FieldErrors]) {
        guard !refused.isEmpty else { return }
        for (row, errors) in refused { problems.append((indexes[row], errors)) }
        let kept = (0..<rows.rowCount).filter { refused[$0] == nil }
        rows = rows.selecting(rows: kept)
        indexes = kept.map { indexes[$0] }
    }
}
