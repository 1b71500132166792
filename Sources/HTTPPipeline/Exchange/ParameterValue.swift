/// A plain value: what a router's converter makes of a path segment, and what a key is made of.
///
/// The cases are those of JSON, with integers and floating-point numbers kept apart because `1` and `1.0` give
/// different cache keys. Strings are compared by their Unicode code points, without normalisation: two
/// spellings of one character (NFC and NFD) are two values.
public enum ParameterValue: Sendable {
    /// No value.
    case null
    /// A truth value.
    case bool(Bool)
    /// An integer.
    case integer(Int)
    /// An integer beyond the range of `Int`.
    case largeInteger(LargeInteger)
    /// A floating-point number.
    case double(Double)
    /// A text.
    case string(String)
    /// Values in order.
    case array([ParameterValue])
    /// Named values. Their order carries no meaning; a name stands once.
    case object([Member])

    /// One named value of an ``ParameterValue/object(_:)``.
    ///
    /// Members are an array rather than a dictionary because Swift's dictionaries take canonically equivalent
    /// names for one name.
    public struct Member: Sendable, Hashable {
        /// The member's name.
        public var name: String
        /// The member's value.
        public var value: ParameterValue

        /// Creates a member.
        public init(_ name: String, _ value: ParameterValue) {
            self.name = name
            self.value = value
        }

        /// Whether names and values are the same, code point by code point.
        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasBytes(of: right.name) && left.value == right.value
        }

        /// Hashes name and value.
        public func hash(into hasher: inout Hasher) {
            name.hashBytes(into: &hasher)
            hasher.combine(value)
        }
    }
}

extension ParameterValue: Hashable {
    /// Whether both are the same case with the same content; strings by code point, doubles by their bits.
    public static func == (left: ParameterValue, right: ParameterValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.largeInteger(let left), .largeInteger(let right)): left == right
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.string(let left), .string(let right)): left.hasBytes(of: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): sorted(left) == sorted(right)
        default: false
        }
    }

    /// Hashes the content; equal values hash equally, whatever the order of their members.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .largeInteger(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.bitPattern)
        case .string(let value): value.hashBytes(into: &hasher)
        case .array(let values): hasher.combine(values)
        case .object(let members): hasher.combine(ParameterValue.sorted(members))
        }
    }

    private static func sorted(_ members: [Member]) -> [Member] {
        members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension ParameterValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates ``null``.
    public init(nilLiteral: ()) { self = .null }
    /// Creates a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Creates a floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates a text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an array.
    public init(arrayLiteral elements: ParameterValue...) { self = .array(elements) }
    /// Creates an object.
    public init(dictionaryLiteral elements: (String, ParameterValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}
