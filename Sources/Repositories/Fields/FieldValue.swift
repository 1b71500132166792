/// A Swift type whose values a ``Field`` can have: `Int64`, `Double`, `Bool` and `String`.
public protocol FieldValue: Sendable {
    /// The type of the field.
    static var fieldType: FieldType { get }

    /// The value in a row.
    var rowValue: RowValue { get }

    /// Creates the value from a row's value, or returns nil for null and for a value of another type.
    init?(rowValue: RowValue)
}

extension Int64: FieldValue {
    /// The type ``FieldType/integer``.
    public static var fieldType: FieldType { .integer }

    /// The value in a row.
    public var rowValue: RowValue { .integer(self) }

    /// Creates the value from an integer, or returns nil for a value of another type.
    public init?(rowValue: RowValue) {
        guard case .integer(let value) = rowValue else { return nil }
        self = value
    }
}

extension Double: FieldValue {
    /// The type ``FieldType/number``.
    public static var fieldType: FieldType { .number }

    /// The value in a row.
    public var rowValue: RowValue { .number(self) }

    /// Creates the value from a number or an integer, or returns nil for a value of another type.
    public init?(rowValue: RowValue) {
        switch rowValue {
        case .number(let value): self = value
        case .integer(let value): self = Double(value)
        default: return nil
        }
    }
}

extension Bool: FieldValue {
    /// The type ``FieldType/boolean``.
    public static var fieldType: FieldType { .boolean }

    /// The value in a row.
    public var rowValue: RowValue { .boolean(self) }

    /// Creates the value from a Boolean, or returns nil for a value of another type.
    public init?(rowValue: RowValue) {
        guard case .boolean(let value) = rowValue else { return nil }
        self = value
    }
}

extension String: FieldValue {
    /// The type ``FieldType/text``.
    public static var fieldType: FieldType { .text }

    /// The value in a row.
    public var rowValue: RowValue { .text(self) }

    /// Creates the value from a text, or returns nil for a value of another type.
    public init?(rowValue: RowValue) {
        guard case .text(let value) = rowValue else { return nil }
        self = value
    }
}
