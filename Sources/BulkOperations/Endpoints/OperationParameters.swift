import HTTPPipeline
import HTTPTypes
import Repositories
import Resources

/// The query parameters of a request for an operation.
struct OperationParameters {
    /// The names that requests with items know.
    static let names = [
        "unique_fields", "update_fields", "atomic", "dry_run", "max_errors", "delimiter", "empty", "null", "decimal",
        "unknown", "quotes", "guarded", "columns",
    ]

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
        uniqueFields = query["unique_fields"]
        updateFields = query["update_fields"]
        isAtomic = try query.flag("atomic")
        isDryRun = try query.flag("dry_run")
        if let text = query["max_errors"] {
            guard let count = Int(text), count >= 0 else {
                throw FieldErrors(field: "max_errors", "A valid non-negative integer is required.")
            }
            maximumErrorCount = count
        }
        if let text = query["delimiter"] {
            guard let delimiter = CSVDelimiter(rawValue: text == "tab" ? "\t" : text) else {
                throw FieldErrors(field: "delimiter", "Expected one of \",\", \";\", \"|\" and \"tab\".")
            }
            csv.delimiter = delimiter
        }
        if let text = query["empty"] {
            guard let cells = CSVRowReader.EmptyCells(rawValue: text) else {
                throw FieldErrors(field: "empty", "Expected one of \"absent\", \"null\" and \"text\".")
            }
            csv.emptyCells = cells
        }
        csv.nullText = query["null"]
        csv.usesDecimalComma = try query.choice("decimal", [".": false, ",": true])
        csv.ignoresUnknownColumns = try query.choice("unknown", ["error": false, "ignore": true])
        csv.rejectsStrayQuotes = try query.choice("quotes", ["lenient": false, "strict": true])
        csv.removesFormulaGuards = try query.flag("guarded")
        for pair in (query["columns"] ?? "").split(separator: ",") {
            let parts = pair.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else {
                throw FieldErrors(field: "columns", "Expected pairs of a column and a field, such as \"Stadt:name\".")
            }
            csv.columns[String(parts[0])] = String(parts[1])
        }
    }
}

extension QueryParameters {
    /// Returns the meaning of the value of a parameter, and false by default.
    fileprivate func choice(_ name: String, _ choices: [String: Bool]) throws(FieldErrors) -> Bool {
        guard let value = self[name] else { return false }
        guard let choice = choices[value] else {
            let known = choices.keys.sorted().map { "\"\($0)\"" }.joined(separator: " and ")
            throw FieldErrors(field: name, "Expected one of \(known).")
        }
        return choice
    }

    /// Returns the value of a parameter that is `true` or `false`, and false by default.
    func flag(_ name: String) throws(FieldErrors) -> Bool {
        switch self[name]?.lowercased() {
        case nil, "false"?, "0"?: return false
        case "true"?, "1"?: return true
        default: throw FieldErrors(field: name, "Must be a valid boolean.")
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

    /// Returns the unique group with the names: no two rows have the same values in it.
    private static func unique(_ names: [String], _ fields: FieldSet) throws(FieldErrors) -> [String] {
        guard !names.isEmpty else {
            throw FieldErrors(field: "unique_fields", "This field is required.")
        }
        let groups = fields.uniqueGroups.filter {
            $0.allSatisfy { fields[$0].map { $0.isVisible || $0.isKey } ?? false }
        }
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
