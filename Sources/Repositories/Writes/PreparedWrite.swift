/// The rows of a ``RowWrite``, checked and completed with what the server writes, for those who write a ``Repository``.
///
/// A repository adds a row with the cells that ``insertedCell(row:column:)`` returns, after ``insertionError(row:)``
/// returned nil, and updates one with the cells of ``rows`` that are not absent, in the columns that are updated.
public struct PreparedWrite: Sendable {
    /// A column of ``rows``.
    public struct Column: Sendable, Hashable {
        /// The name of the field.
        public let name: String
        /// Whether the column is set in an existing row.
        public internal(set) var isUpdated: Bool
        /// Whether a difference in the column makes an upsert write an existing row.
        public internal(set) var isCompared: Bool
        /// Whether the column is the key.
        public let isKey: Bool
    }

    /// The kind of the write.
    public let kind: RowWrite.Kind

    /// The rows with a cell for each of ``columns``.
    public internal(set) var rows: RowBatch

    /// The columns of ``rows``.
    public internal(set) var columns: [Column]

    /// The valid selection of the rows that may be written.
    public let scope: Selection

    /// Whether rows have to be in the scope after the write too.
    public let keepsScope: Bool

    /// The index of the key in ``columns``, or nil if the rows have no key.
    public internal(set) var keyColumn: Int?

    /// The failures of rows with invalid values, or an empty array if all rows are valid.
    public internal(set) var errors: [RowError?] = []

    /// The version of the rows that are added, or nil if the rows have none.
    public let firstVersion: Int64?

    /// The cells that new rows get in place of absent ones, by column. An absent default means that a value is required,
    /// or that the database assigns it.
    var defaults: [Cell] = []
    /// The columns without a default that new rows must have.
    var requiredColumns: [Int] = []

    /// Checks and completes the rows of a write.
    ///
    /// - Parameters:
    ///   - write: The write.
    ///   - fields: The fields of the rows.
    /// - Throws: ``RepositoryError/invalidWrite(_:)`` for rows with an unknown field or without a necessary one.
    ///   ``SelectionError`` for an invalid scope.
    /// - Complexity: O(number of cells and bytes of text).
    public init(_ write: RowWrite, in fields: FieldSet) throws {
        kind = write.kind
        scope = try write.scope.validated(against: fields)
        keepsScope = write.keepsScope && !scope.isAll
        firstVersion = kind.addsRows ? fields.version?.firstVersion?() : nil
        let plan = try WritePlan(write, in: fields)
        columns = plan.columns
        keyColumn = columns.firstIndex(where: \.isKey)
        rows = plan.isIdentity ? write.rows : write.rows.rearranged(plan.columns.map(\.name), plan.sources)
        defaults = columns.map { column in
            let value: RowValue? = fields[column.name].flatMap { $0.defaultValue ?? ($0.isOptional ? .null : nil) }
            return value.map { rows.cell(for: $0) } ?? .absent
        }
        compute(plan, fields)
        if kind.addsRows {
            requiredColumns = columns.indices.filter {
                defaults[$0] == .absent && !(columns[$0].isKey && plan.assignsKey)
            }
        }
        check(fields)
    }

    /// Returns the failure of a row, or nil if its values are valid.
    public func error(row: Int) -> RowError? {
        errors.isEmpty ? nil : errors[row]
    }

    /// Returns the cell of a new row: the given one, or else the default.
    ///
    /// The cell is absent where the repository assigns a key.
    public func insertedCell(row: Int, column: Int) -> Cell {
        let cell = rows[row, column]
        return cell == .absent ? defaults[column] : cell
    }

    /// Returns the failure of a row that cannot be added because a value is missing, or nil.
    public func insertionError(row: Int) -> RowError? {
        for column in requiredColumns where rows[row, column] == .absent {
            return RowError(.invalid, field: columns[column].name, FieldMessage.required)
        }
        return nil
    }

    /// Returns whether a row may be added: any row may, unless ``keepsScope`` is true and the scope does not select the new row.
    public func permitsInsertion(row: Int) -> Bool {
        guard keepsScope else { return true }
        return scope.evaluate { name in
            guard let column = columns.firstIndex(where: { $0.name == name }) else { return .null }
            return rows.value(of: insertedCell(row: row, column: column)) ?? .null
        } == true
    }

    /// Returns whether an existing row may be updated: any row may, unless ``keepsScope`` is true and the scope does not select the row as
    /// it would be afterwards.
    ///
    /// - Parameters:
    ///   - row: The index of the row in ``rows``.
    ///   - existing: Returns the value of a field in the existing row. It is not called for a write that leaves the scope's fields as they
    ///     are.
    /// - Returns: Whether the row may be updated.
    /// - Throws: The errors of `existing`.
    public func permitsUpdate<Failure: Error>(
        row: Int, existing: (_ field: String) throws(Failure) -> RowValue
    ) throws(Failure) -> Bool {
        guard keepsScope else { return true }
        let names = scope.fieldNames
        var values: [String: RowValue] = [:]
        for (index, column) in columns.enumerated() where column.isUpdated && names.contains(column.name) {
            values[column.name] = rows.value(of: rows[row, index])
        }
        guard !values.isEmpty else { return true }
        for name in names where values[name] == nil { values[name] = try existing(name) }
        return scope.evaluate { values[$0] ?? .null } == true
    }

    /// Returns the key of a row, or nil if it has none.
    public func key(row: Int) -> RowValue? {
        guard let keyColumn, let key = rows.value(of: rows[row, keyColumn]), !key.isNull else { return nil }
        return key
    }
}

extension RowWrite.Kind {
    /// Whether rows may be added.
    var addsRows: Bool {
        switch self {
        case .create, .upsert: true
        case .update, .replace, .delete: false
        }
    }
}
