import HTTPPipeline
import KeyConstructor
import Repositories
import Resources

/// A query parameter of bulk operations that is no filter.
enum BulkParameter: String, CaseIterable, Sendable {
    case uniqueFields = "unique_fields"
    case updateFields = "update_fields"
    case isAtomic = "atomic"
    case isDryRun = "dry_run"
    case maximumErrorCount = "max_errors"
    case delimiter, empty, null, decimal, unknown, quotes, guarded, columns
    case keys = "ids"

    /// The parameters of requests with items.
    static let ofItems = allCases.filter { $0 != .keys }

    /// The meanings of texts, the default first.
    enum Choices {
        static let decimal = [(".", false), (",", true)]
        static let unknown = [("error", false), ("ignore", true)]
        static let quotes = [("lenient", false), ("strict", true)]
        /// A tab is hard to type in a query.
        static let delimiters = CSVDelimiter.allCases.map { ($0 == .tab ? "tab" : $0.rawValue, $0) }
        static let emptyCells = CSVRowReader.EmptyCells.allCases.map { ($0.rawValue, $0) }
    }

    /// Returns the description of the parameter for an OpenAPI document.
    func description(of fields: FieldSet) -> OperationDescription.Parameter {
        let flag: KeyValue = ["type": "boolean", "default": false]
        func choice(_ names: [String]) -> KeyValue {
            ["type": "string", "enum": .array(names.map { .string($0) })]
        }
        return switch self {
        case .uniqueFields:
            parameter(
                "The unique group of fields that identifies a row, with commas between the names.",
                choice(UpsertFields.groups(of: fields).map { $0.joined(separator: ",") }))
        case .updateFields:
            parameter(
                "The fields to set in existing rows, except those of the unique group. Without it, those that an item has.",
                ["type": "array", "items": choice(fields.fields.filter { $0.isWritable && !$0.isKey }.map(\.name))])
        case .isAtomic: parameter("Whether one failed item keeps all items from being written.", flag)
        case .isDryRun: parameter("Whether everything is checked and counted, but nothing is changed.", flag)
        case .maximumErrorCount:
            parameter(
                "The number of failed items above which the operation ends.",
                ["type": "integer", "minimum": 0, "maximum": .integer(.max)])
        case .delimiter:
            parameter(
                "The delimiter of CSV. Without it, the one under which every name of the header is a field.",
                choice(Choices.delimiters.map(\.0)))
        case .empty: parameter("What an empty cell of CSV means.", choice(Choices.emptyCells.map(\.0)))
        case .null: parameter("The text of cells that are null.", ["type": "string", "examples": ["NULL"]])
        case .decimal: parameter("The decimal separator of numbers in CSV.", choice(Choices.decimal.map(\.0)))
        case .unknown:
            parameter("Whether columns of CSV that are no fields are an error.", choice(Choices.unknown.map(\.0)))
        case .quotes:
            parameter(
                "Whether quotes of CSV at other places than the specified are an error.",
                choice(Choices.quotes.map(\.0)))
        case .guarded: parameter("Whether apostrophes in front of formulas are removed from cells.", flag)
        case .columns:
            parameter(
                "Pairs of a column of CSV and a field, with commas between them.",
                ["type": "string", "examples": [.string("Name:\(fields.key.name)")]])
        case .keys:
            parameter(
                "Keys of rows.", ["type": "array", "items": fields.key.schema(for: .writing)])
        }
    }

    private func parameter(_ text: String, _ schema: KeyValue) -> OperationDescription.Parameter {
        OperationDescription.Parameter(rawValue, text, schema)
    }
}

extension QueryParameters {
    /// Checks that no parameter is given more than once.
    ///
    /// - Throws: `FieldErrors` for one that is.
    func checkSingle(_ parameters: [BulkParameter]) throws(FieldErrors) {
        for parameter in parameters where values(for: parameter.rawValue).count > 1 {
            throw FieldErrors(field: parameter.rawValue, "The parameter is given more than once.")
        }
    }

    /// The value of a parameter.
    subscript(_ parameter: BulkParameter) -> String? { self[parameter.rawValue] }

    /// Returns the meaning of the value of a parameter, or nil without the parameter.
    ///
    /// - Throws: `FieldErrors` for a value without a meaning.
    func choice<Meaning>(
        _ parameter: BulkParameter, _ choices: [(String, Meaning)]
    ) throws(FieldErrors) -> Meaning? {
        guard let text = self[parameter] else { return nil }
        guard let choice = choices.first(where: { $0.0 == text }) else {
            let known = choices.map { "\"\($0.0)\"" }
            let list = known.dropLast().joined(separator: ", ") + " and \(known.last ?? "")"
            throw FieldErrors(field: parameter.rawValue, "Expected one of \(list).")
        }
        return choice.1
    }

    /// Returns the value of a parameter that is `true` or `false`, and false by default.
    ///
    /// - Throws: `FieldErrors` for another value.
    func flag(_ parameter: BulkParameter) throws(FieldErrors) -> Bool {
        try checkSingle([parameter])
        switch self[parameter]?.lowercased() {
        case nil, "false"?, "0"?: return false
        case "true"?, "1"?: return true
        default: throw FieldErrors(field: parameter.rawValue, "Must be a valid boolean.")
        }
    }
}
