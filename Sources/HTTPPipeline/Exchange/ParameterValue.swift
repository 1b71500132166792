/// A plain value, for example a converted path parameter or a part of a key.
///
/// The cases are those of JSON, except that integers and floating-point numbers are distinct, because `1` and `1.0` result in different
/// keys. Strings are compared by their Unicode code points without normalization: NFC and NFD forms are different values.
public enum ParameterValue: Sendable {
    /// The null value.
    case null
    /// A Boolean value.
    case bool(Bool)
    /// An integer.
    case integer(Int)
    /// An integer outside the range of `Int`.
    case largeInteger(LargeInteger)
    /// A floating-point number.
    case double(Double)
    /// A string.
    case string(String)
    /// An array of values.
    case array([ParameterValue])
    /// An object with named values. Names are unique, and their order is irrelevant.
    case object([Member])

    /// A named value of an ``ParameterValue/object(_:)``.
    ///
    /// Members are an array because Swift's dictionaries treat canonically equivalent names as equal.
    public struct Member: Sendable, Hashable {
        /// The name of the member.
        public var name: String
        /// The value of the member.
        public var value: ParameterValue

        /// Creates a member from a name and a value.
        public init(_ name: String, _ value: ParameterValue) {
            self.name = name
            self.value = value
        }

        /// Whether names and values are equal, by code point.
        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasBytes(of: right.name) && left.value == right.value
        }

        /// Hashes the name and the value.
        public func hash(into hasher: inout Hasher) {
            name.hashBytes(into: &hasher)
            hasher.combine(value)
        }
    }
}

extension ParameterValue: Hashable {
    /// Whether both have the same case and content. Strings are compared by code point, doubles by their bits.
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

    /// Hashes the content, independent of the order of members.
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
    /// Creates a Boolean value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Creates a floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an array.
    public init(arrayLiteral elements: ParameterValue...) { self = .array(elements) }
    /// Creates an object.
    public init(dictionaryLiteral elements: (String, ParameterValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}

/// An integer outside the range of `Int`, represented by its decimal digits.
///
/// Keys contain numbers as text and must equal the keys of Python, whose integers are unbounded.
public struct LargeInteger: Sendable, Hashable, CustomStringConvertible {
    /// The digits without leading zeros, preceded by a minus sign for a negative number.
    public let description: String

    /// Creates an integer from its decimal digits. Returns nil when the text is not an integer, has leading zeros or a plus sign, or fits
    /// in an `Int`.
    public init?(_ digits: String) {
        let magnitude = digits.utf8.first == UInt8(ascii: "-") ? digits.utf8.dropFirst() : digits.utf8[...]
        guard let first = magnitude.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
            magnitude.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), Int(digits) == nil
        else { return nil }
        description = digits
    }
}
