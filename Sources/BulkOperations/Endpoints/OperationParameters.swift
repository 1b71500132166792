import HTTPPipeline
import HTTPTypes
import Repositories
import Resources

/// The query parameters of a request for an operation.
struct OperationParameters {
    var uniqueFields: String?
    var updateFields: String?
    var isAtomic = false
    var isDryRun = false
    var maximumErrorCount: Int?
    var csv = CSVSource.Parameters()

    /// Parses the parameters.
    ///
    /// - Throws: ``FieldErrors`` that name the parameter.
    init(_ query: QueryParameters) throws(FieldErrors) {
        try query.checkSingle(BulkParameter.ofItems)
        uniqueFields = query[.uniqueFields]
        updateFields = query[.updateFields]
        isAtomic = try query.flag(.isAtomic)
        isDryRun = try query.flag(.isDryRun)
        maximumErrorCount = try query.maximumErrorCount
        csv.delimiter = try query.choice(.delimiter, BulkParameter.Choices.delimiters)
        if let cells = try query.choice(.empty, BulkParameter.Choices.emptyCells) { csv.emptyCells = cells }
        csv.nullText = query[.null]
        csv.usesDecimalComma = try query.choice(.decimal, BulkParameter.Choices.decimal) ?? false
        csv.ignoresUnknownColumns = try query.choice(.unknown, BulkParameter.Choices.unknown) ?? false
        csv.rejectsStrayQuotes = try query.choice(.quotes, BulkParameter.Choices.quotes) ?? false
        csv.removesFormulaGuards = try query.flag(.guarded)
        for pair in (query[.columns] ?? "").split(separator: ",") {
            let parts = pair.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else {
                throw FieldErrors(
                    field: BulkParameter.columns.rawValue,
                    "Expected pairs of a column and a field, such as \"Stadt:name\".")
            }
            csv.columns[String(parts[0])] = String(parts[1])
        }
    }
}

extension QueryParameters {
    /// The number of failed items above which an operation ends.
    fileprivate var maximumErrorCount: Int? {
        get throws(FieldErrors) {
            guard let text = self[.maximumErrorCount] else { return nil }
            guard let count = Int(text), count >= 0 else {
                throw FieldErrors(
                    field: BulkParameter.maximumErrorCount.rawValue, "A valid non-negative integer is required.")
            }
            return count
        }
    }
}

/// The unique group and the fields to set of an upsert.
struct UpsertFields {
    let unique: [String]
    /// The fields to set in existing rows, or nil for those that an item has.
    let updating: [String]?

    /// Reads lists of names, separated by commas.
    ///
    /// - Throws: ``FieldErrors`` for names that do not identify a row and for fields that clients do not write.
    init(unique: String?, updating: String?, in fields: FieldSet) throws(FieldErrors) {
        self.unique = try Self.unique(Self.list(unique ?? ""), fields)
        guard let updating else {
            self.updating = nil
            return
        }
        let names = Self.list(updating)
        for name in names where fields[name]?.isWritable != true || self.unique.contains(name) {
            throw FieldErrors(field: "update_fields", "\"\(name.prefix(100))\" is not a valid choice.")
        }
        self.updating = names
    }

    /// The unique groups whose fields clients know.
    static func groups(of fields: FieldSet) -> [[String]] {
        fields.uniqueGroups.filter {
            $0.allSatisfy { fields[$0].map { $0.isVisible || $0.isKey } ?? false }
        }
    }

    /// Returns the unique group with the names: no two rows have the same values in it.
    private static func unique(_ names: [String], _ fields: FieldSet) throws(FieldErrors) -> [String] {
        guard !names.isEmpty else {
            throw FieldErrors(field: "unique_fields", "This field is required.")
        }
        let groups = groups(of: fields)
        guard let group = groups.first(where: { Set($0) == Set(names) && $0.count == names.count }) else {
            let known = groups.map { "\"\($0.joined(separator: ","))\"" }.joined(separator: ", ")
            throw FieldErrors(field: "unique_fields", "The fields do not identify a row; expected one of \(known).")
        }
        return group
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
