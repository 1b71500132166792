public import HTTPPipeline

/// The statement with which a resource reads its data, for ``QueryDescriptionKeyBit``.
///
/// A resource or the application sets it on the exchange as ``ListQuery`` or ``RetrieveQuery`` before a key is computed:
///
/// ```swift
/// exchange[ListQuery.self] = QueryDescription("SELECT * FROM cities WHERE country = ?", values: ["DE"])
/// ```
public struct QueryDescription: Sendable, Hashable {
    /// The text of the statement, with a `?` for each bound value.
    public var statement: String

    /// The bound values in order.
    public var values: [KeyValue]

    /// Whether the statement certainly finds nothing, without running it.
    public var isEmpty: Bool

    /// Creates a description of a statement and its bound values.
    public init(_ statement: String, values: [KeyValue] = [], isEmpty: Bool = false) {
        self.statement = statement
        self.values = values
        self.isEmpty = isEmpty
    }

    /// The description of a statement that finds nothing: an impossible filter, or a lookup by a malformed identifier.
    public static let empty = QueryDescription("", isEmpty: true)
}

/// The key of the statement that lists a collection.
public enum ListQuery: AttributeKey {
    /// The description of the statement.
    public typealias Value = QueryDescription
}

/// The key of the statement that retrieves one object.
public enum RetrieveQuery: AttributeKey {
    /// The description of the statement.
    public typealias Value = QueryDescription
}
