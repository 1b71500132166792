public import HTTPPipeline
public import KeyConstructor

/// The value of one field in one row.
///
/// Texts are compared by the bytes of their UTF-8, as databases do it, and not by canonical equivalence as `String` does it.
public enum RowValue: Sendable {
    /// No value.
    case null
    /// An integer.
    case integer(Int64)
    /// A floating-point number.
    case number(Double)
    /// A Boolean.
    case boolean(Bool)
    /// A text.
    case text(String)

    /// Whether the value is null.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value as a part of a key or as JSON.
    public var keyValue: KeyValue {
        switch self {
        case .null: .null
        case .integer(let value): Int(exactly: value).map { .integer($0) } ?? .string("\(value)")
        case .number(let value): .double(value)
        case .boolean(let value): .bool(value)
        case .text(let value): .string(value)
        }
    }

    /// The type of fields with such values, or nil for null.
    public var type: FieldType? {
        switch self {
        case .null: nil
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .text: .text
        }
    }
}

extension RowValue: Hashable {
    /// Whether both values have the same type and content.
    public static func == (left: RowValue, right: RowValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// Hashes the type and the content.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .boolean(let value): hasher.combine(value)
        case .text(let value):
            for byte in value.utf8 { hasher.combine(byte) }
            hasher.combine(UInt8.max)
        }
    }
}

extension RowValue: CustomStringConvertible {
    /// The value as JSON shows it, without escapes.
    public var description: String {
        switch self {
        case .null: "null"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        }
    }
}

extension RowValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral
{
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Creates a number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Creates a Boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Creates a text.
    public init(stringLiteral value: String) { self = .text(value) }
}
