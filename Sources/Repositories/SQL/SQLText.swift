/// The text of a statement and what is bound to its parameters.
///
/// Names of tables and columns come from a ``FieldSet``, whose names are identifiers, and are quoted. Values are always
/// bound.
public struct SQLText: Sendable, Hashable {
    /// The text, with a parameter for each of ``parameters``.
    public let text: String

    /// What is bound, in the order of the parameters.
    public let parameters: [Parameter]

    /// What is bound to a parameter.
    public enum Parameter: Sendable, Hashable {
        /// A value.
        case value(RowValue)
        /// The value of a field in the row that is written.
        case field(String)
        /// The key of the row that is written, where it is not the value of a field.
        case key
        /// The expected version of the row that is written.
        case expectedVersion
        /// The version of a row that is added: ``PreparedWrite/firstVersion``.
        case firstVersion
    }

    /// The bound values, for a statement that only has values as its parameters.
    public var values: [RowValue] {
        parameters.compactMap { if case .value(let value) = $0 { value } else { nil } }
    }
}
