#if GRDB
import GRDB
import Repositories

extension RowError {
    /// Creates the error of a row from SQLite's error, or returns nil for an error that is not about the row.
    init?(_ error: any Error, in fields: FieldSet) {
        guard let error = error as? DatabaseError, error.resultCode == .SQLITE_CONSTRAINT else { return nil }
        // For example "UNIQUE constraint failed: cities.name, cities.country_code".
        let message = error.message ?? ""
        let columns = message.split(separator: ": ").last.map { list in
            list.split(separator: ", ").compactMap { name in
                name.hasPrefix(fields.table + ".") ? String(name.dropFirst(fields.table.utf8.count + 1)) : nil
            }
        }
        let names = (columns ?? []).map { column in
            fields.fields.first { $0.column.lowercased() == column.lowercased() }?.name ?? column
        }
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            self = .duplicate(names)
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = RowError(.reference, "The row refers to a row that does not exist, or is referred to by others.")
        case .SQLITE_CONSTRAINT_NOTNULL:
            self = RowError(.invalid, field: names.first, "This field may not be null.")
        default:
            self = RowError(.invalid, "The row breaks a rule of the database.")
        }
    }
}
#endif
