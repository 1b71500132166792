/// Why a row was not written.
public struct RowError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// There is no such row, or it is outside of the scope.
        case notFound = "not_found"
        /// The row has another version than expected.
        case conflict
        /// Another row has the same value in unique fields.
        case duplicate
        /// A referenced row does not exist, or the row is referenced by others.
        case reference
        /// A value is missing or not allowed.
        case invalid
    }

    /// The kind of the failure.
    public var code: Code

    /// The name of the field, if the failure is about one field.
    public var field: String?

    /// A message for the client.
    public var message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of the failure.
    ///   - field: The name of the field, if the failure is about one field.
    ///   - message: A message for the client.
    public init(_ code: Code, field: String? = nil, _ message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    /// A message for a developer.
    public var description: String {
        (field.map { "field \"\($0)\": " } ?? "") + message
    }

    /// The failure of a row that does not exist.
    public static let notFound = RowError(.notFound, "Not found.")

    /// The failure of a row with another version.
    public static let conflict = RowError(.conflict, "The row was changed meanwhile.")

    /// Returns the failure of a row whose unique fields have values of another row.
    ///
    /// - Parameter fields: The names of the fields, or an empty array if they are unknown.
    /// - Returns: The failure.
    public static func duplicate(_ fields: [String]) -> RowError {
        switch fields.count {
        case 0: RowError(.duplicate, "A row with these values already exists.")
        case 1: RowError(.duplicate, field: fields[0], "This field must be unique.")
        default: RowError(.duplicate, "The fields \(fields.joined(separator: ", ")) must make a unique set.")
        }
    }
}
