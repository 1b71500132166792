/// A term of the order of rows: a field and a direction.
///
/// Null is less than every other value, and texts have the order of their bytes.
public struct RowOrder: Sendable, Hashable, Codable {
    /// The name of the field.
    public var field: String

    /// Whether the greatest value comes first.
    public var isDescending: Bool

    /// Creates a term.
    ///
    /// - Parameters:
    ///   - field: The name of the field.
    ///   - isDescending: Whether the greatest value comes first.
    public init(_ field: String, isDescending: Bool = false) {
        self.field = field
        self.isDescending = isDescending
    }
}
