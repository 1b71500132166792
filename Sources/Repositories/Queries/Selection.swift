/// A condition that selects rows, as a value that can be compared, stored and sent.
///
/// A selection has the logic of SQL: a comparison with null is neither true nor false, and neither is its negation, so
/// neither selects the row. Values are always bound into statements and never a part of their text.
public indirect enum Selection: Sendable, Hashable {
    /// Compares a field with a value.
    case comparison(_ field: String, Comparison, RowValue)
    /// Whether a field has one of several values.
    case values(_ field: String, [RowValue])
    /// Whether a field is between two values, which are included.
    case range(_ field: String, RowValue, RowValue)
    /// Whether a field is null.
    case isNull(_ field: String)
    /// Whether all conditions are true. Without conditions it is true.
    case and([Selection])
    /// Whether one of several conditions is true. Without conditions it is false.
    case or([Selection])
    /// Whether a condition is false.
    case not(Selection)

    /// Compares a field with a value.
    public enum Comparison: String, Sendable, Hashable, Codable, CaseIterable {
        /// Equality.
        case equal = "exact"
        /// Inequality. Null is not unequal to a value.
        case notEqual = "ne"
        /// Less than.
        case less = "lt"
        /// Less than or equal.
        case lessOrEqual = "lte"
        /// Greater than.
        case greater = "gt"
        /// Greater than or equal.
        case greaterOrEqual = "gte"
        /// Whether the text contains a text.
        case contains
        /// Whether the text begins with a text.
        case startsWith = "startswith"
        /// Whether the text ends with a text.
        case endsWith = "endswith"

        /// Whether the comparison is one of texts only.
        var isTextual: Bool { self == .contains || self == .startsWith || self == .endsWith }
    }

    /// The selection of all rows.
    public static let all = Selection.and([])

    /// The selection of no row.
    public static let none = Selection.or([])

    /// The maximum number of comparisons and values in a selection.
    public static let maximumTermCount = 10_000

    /// The maximum depth of a selection.
    public static let maximumDepth = 32

    /// The maximum number of bytes of all texts in a selection.
    public static let maximumTextByteCount = 1 << 20

    /// The maximum number of bytes of a text that others are searched for. Searching a text takes time proportional to the
    /// product of both lengths.
    public static let maximumPatternByteCount = 1024

    /// Whether the selection certainly selects no row, whatever the rows are.
    public var isEmpty: Bool {
        switch self {
        case .values(_, let values): values.isEmpty
        case .and(let parts): parts.contains(where: \.isEmpty)
        case .or(let parts): parts.allSatisfy(\.isEmpty)
        case .comparison, .range, .isNull, .not: false
        }
    }

    /// Whether the selection selects all rows, whatever the rows are.
    public var isAll: Bool {
        switch self {
        case .and(let parts): parts.allSatisfy(\.isAll)
        case .or(let parts): parts.contains(where: \.isAll)
        case .comparison, .values, .range, .isNull, .not: false
        }
    }

    /// The names of the fields that the selection reads.
    package var fieldNames: Set<String> {
        switch self {
        case .comparison(let field, _, _), .values(let field, _), .range(let field, _, _), .isNull(let field): [field]
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.fieldNames) }
        case .not(let part): part.fieldNames
        }
    }

    /// Returns the selection of rows that both select.
    public static func && (left: Selection, right: Selection) -> Selection {
        switch (left, right) {
        case (.and(let parts), .and(let others)): .and(parts + others)
        case (.and(let parts), _): parts.isEmpty ? right : .and(parts + [right])
        case (_, .and(let others)): others.isEmpty ? left : .and([left] + others)
        default: .and([left, right])
        }
    }

    /// Returns the selection of rows that one of both selects.
    public static func || (left: Selection, right: Selection) -> Selection {
        switch (left, right) {
        case (.or(let parts), .or(let others)): .or(parts + others)
        case (.or(let parts), _): parts.isEmpty ? right : .or(parts + [right])
        case (_, .or(let others)): others.isEmpty ? left : .or([left] + others)
        default: .or([left, right])
        }
    }

    /// Returns the selection of rows for which the condition is false.
    public static prefix func ! (selection: Selection) -> Selection {
        .not(selection)
    }
}
