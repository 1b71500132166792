#if PostgreSQL
import PostgreSQLTransport
import Repositories

extension PostgreSQLError {
    /// Whether the error is about a row, which breaks a rule of the table: class 23 (integrity constraint violation) and 22 (data
    /// exception), an exception that a trigger raises, or two rows of a statement that are the same for the collation of a unique index
    /// (21000).
    var isAboutRow: Bool {
        guard kind == .server, let sqlState else { return false }
        return sqlState.hasPrefix("23") || sqlState.hasPrefix("22") || sqlState == "P0001" || sqlState == "21000"
    }

    /// Whether the transaction can succeed when it is done again: a serialization failure or a deadlock. Nothing was committed.
    var undidTransaction: Bool { sqlState == "40001" || sqlState == "40P01" }
}

/// Makes the failures of rows from PostgreSQL's errors.
struct RowErrors {
    /// The failure of a row that breaks a rule which has no other failure.
    static let brokenRule = RowError(.invalid, "The row breaks a rule of the database.")

    private let fields: FieldSet
    private let catalog: TableCatalog?

    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - catalog: The catalog of the table, or nil if it is unknown. Then no field of a constraint is named.
    init(_ fields: FieldSet, _ catalog: TableCatalog?) {
        self.fields = fields
        self.catalog = catalog
    }

    /// Returns the failure of a row.
    ///
    /// - Parameters:
    ///   - error: An error that is about a row.
    ///   - isDeletion: Whether the row was removed. Then it is referred to by others.
    ///   - value: Returns the value of a field in the row.
    /// - Returns: The failure.
    func rowError(
        _ error: PostgreSQLError, isDeletion: Bool = false, value: (_ field: String) -> RowValue? = { _ in nil }
    ) -> RowError {
        switch error.sqlState {
        case "23505": return .duplicate(names(catalog?.uniqueIndexes[error.constraint ?? ""] ?? []))
        case "23503":
            let columns = error.constraint.flatMap { catalog?.references[$0] } ?? []
            if !isDeletion, error.table == fields.table, columns.count == 1, let field = names(columns).first,
                let value = value(field), value != .null
            {
                return RowError(.reference, field: field, "Invalid pk \(value) - object does not exist.")
            }
            return RowError(.reference, "The row refers to a row that does not exist, or is referred to by others.")
        case "23502":
            let field = error.table == fields.table ? error.column.flatMap { names([$0]).first } : nil
            return RowError(.invalid, field: field, "This field may not be null.")
        case "22003": return outOfRange(value)
        default: return Self.brokenRule
        }
    }

    private func names(_ columns: [String]) -> [String] {
        columns.map { column in fields.fields.first { $0.column == column }?.name ?? column }
    }

    /// Returns the failure of a row with an integer that its column cannot have. PostgreSQL does not name the column.
    private func outOfRange(_ value: (_ field: String) -> RowValue?) -> RowError {
        for field in fields.fields where field.type == .integer {
            guard case .integer(let integer)? = value(field.name),
                let range = Self.ranges[catalog?.columns[field.column]?.typeName ?? ""], !range.contains(integer)
            else { continue }
            let message =
                integer < range.lowerBound
                ? "Ensure this value is greater than or equal to \(range.lowerBound)."
                : "Ensure this value is less than or equal to \(range.upperBound)."
            return RowError(.invalid, field: field.name, message)
        }
        return Self.brokenRule
    }

    private static let ranges: [String: ClosedRange<Int64>] = [
        "int2": Int64(Int16.min)...Int64(Int16.max), "int4": Int64(Int32.min)...Int64(Int32.max),
    ]
}
#endif
