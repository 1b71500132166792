public import HTTPPipeline

/// The statement by which a resource reads its data, for ``QueryDescriptionKeyBit``.
///
/// A resource or the application puts it on the exchange before a key is made, under ``ListQuery`` or ``RetrieveQuery``:
///
/// ```swift
/// exchange[ListQuery.self] = QueryDescription("SELECT * FROM cities WHERE country = ?", values: ["DE"])
/// ```
public struct QueryDescription: Sendable, Hashable {
    /// The text of the statement, with a `?` for each bound value.
    public var statement: String

    /// The bound values in their order.
    public var values: [KeyValue]

    /// Whether it is known without asking that the statement finds nothing.
    public var isEmpty: Bool

    /// Creates a description.
    public init(_ statement: String, values: [KeyValue] = [], isEmpty: Bool = false) {
        self.statement = statement
        self.values = values
        self.isEmpty = isEmpty
    }

    /// The description of a statement that finds nothing: an impossible filter, or a look-up by a malformed identifier.
    public static let empty = QueryDescription("", isEmpty: true)
}

/// The statement that lists a collection.
public enum ListQuery: AttributeKey {
    /// A statement.
    public typealias Value = QueryDescription
}

/// The statement that retrieves one object.
public enum RetrieveQuery: AttributeKey {
    /// A statement.
    public typealias Value = QueryDescription
}
