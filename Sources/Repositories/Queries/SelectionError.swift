/// Why a selection or a query does not fit a set of fields.
public enum SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The set has no field with the name.
    case unknownField(String)
    /// The value cannot be compared with the field. The message says why.
    case invalidValue(field: String, message: String)
    /// The field has no such comparison, for example a prefix of an integer.
    case invalidComparison(field: String, String)
    /// The selection has more comparisons and values, more text or more levels than its maximum.
    case tooLarge(String)
    /// A cursor does not have one value for each term of the order, or the limit or offset is negative.
    case invalidPage(String)

    /// A message for a developer.
    public var description: String {
        switch self {
        case .unknownField(let name): "unknown field \"\(name)\""
        case .invalidValue(let field, let message): "field \"\(field)\": \(message)"
        case .invalidComparison(let field, let comparison): "field \"\(field)\" has no comparison \"\(comparison)\""
        case .tooLarge(let message), .invalidPage(let message): message
        }
    }
}
