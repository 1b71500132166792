#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// Digests of the values of rows in groups of fields.
///
/// Rows with the same values have the same digest. Other rows have the same one by chance only, and then they are written one after the
/// other without a need.
struct RowDigest {
    private let write: PreparedWrite
    private let fields: FieldSet
    /// The indexes of the columns of each group, or nil for a column that the write does not have.
    private let columns: [[Int?]]
    let groups: [[String]]

    init(_ write: PreparedWrite, _ groups: [[String]], _ fields: FieldSet) {
        self.write = write
        self.fields = fields
        self.groups = groups
        columns = groups.map { group in group.map { name in write.columns.firstIndex { $0.name == name } } }
    }

    /// Returns the digest of the values of a new row in a group, or nil if one is null or is assigned by the database.
    func insertion(_ row: Int, group: Int, _ text: UnsafeRawBufferPointer) -> Int? {
        var hasher = Self.hasher(group)
        for column in columns[group] {
            guard let column, Self.combine(write.insertedCell(row: row, column: column), text, into: &hasher) else {
                return nil
            }
        }
        return hasher.finalize()
    }

    /// Returns the digest of the values that an existing row has in a group, or nil if one is null.
    ///
    /// - Parameters:
    ///   - existing: Existing rows, with the fields of the group.
    ///   - found: The index of the existing row.
    ///   - group: The index of the group.
    ///   - row: The row of the write whose values replace those of the existing row, or nil for the existing values.
    ///   - text: The text of the write.
    /// - Returns: The digest.
    func update(
        of existing: RowLookUp, _ found: Int, group: Int, setting row: Int?, _ text: UnsafeRawBufferPointer
    ) -> Int? {
        var hasher = Self.hasher(group)
        for (name, column) in zip(groups[group], columns[group]) {
            if let row, let column, write.columns[column].isUpdated, write.rows[row, column] != .absent {
                guard Self.combine(write.rows[row, column], text, into: &hasher) else { return nil }
            } else {
                guard existing.combine(found, name, fields[name]?.type ?? .text, into: &hasher) else { return nil }
            }
        }
        return hasher.finalize()
    }

    private static func hasher(_ group: Int) -> Hasher {
        var hasher = Hasher()
        hasher.combine(group)
        return hasher
    }

    private static func combine(_ cell: Cell, _ text: UnsafeRawBufferPointer, into hasher: inout Hasher) -> Bool {
        switch cell {
        case .absent, .null: return false
        case .integer(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .boolean(let value): hasher.combine(value)
        case .text(let offset, let length):
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)]))
            hasher.combine(length)
        }
        return true
    }
}

extension RowLookUp {
    /// Adds the value of a field to a digest, or returns false if it is null.
    fileprivate func combine(_ found: Int, _ name: String, _ type: FieldType, into hasher: inout Hasher) -> Bool {
        guard let column = column(of: name) else { return false }
        switch type {
        case .integer:
            guard let value = result.integer(found, column) else { return false }
            hasher.combine(value)
        case .number:
            guard let value = result.number(found, column) else { return false }
            hasher.combine(value)
        case .boolean:
            guard let value = result.boolean(found, column) else { return false }
            hasher.combine(value)
        case .text:
            let count: UInt32? = result.withTextBytes(found, column) { bytes in
                hasher.combine(bytes: bytes)
                return UInt32(bytes.count)
            }
            guard let count else { return false }
            hasher.combine(count)
        }
        return true
    }
}
#endif
