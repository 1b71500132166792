/// The decoded parameters of a query, in their order, repeated ones kept.
///
/// Decoding follows the form rules that drf-extensions' requests go through (`application/x-www-form-urlencoded`):
/// `+` and `%20` are a space, `a` and `a=` are empty values, empty pairs are skipped, an empty name is allowed,
/// `;` separates nothing, a malformed percent sequence is kept as it is, and bytes that are not UTF-8 become U+FFFD.
public struct QueryParameters: Sendable, Hashable {
    /// One parameter of the query.
    public struct Parameter: Sendable, Hashable {
        /// The decoded name.
        public var name: String
        /// The decoded value.
        public var value: String

        /// Creates a parameter.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters in the order in which the query gives them.
    public var parameters: [Parameter]

    /// Creates parameters from a request target, for example `/cities?page=2`. O(length of the target).
    public init(target: String) {
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.init(query: mark.map { target[target.utf8.index(after: $0)...] } ?? "")
    }

    /// Creates parameters from a query, without its question mark. O(length of the query).
    public init(query: some StringProtocol) {
        self.parameters = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            parameters.append(
                Parameter(
                    Self.decoded(pair[..<(equals ?? pair.endIndex)]),
                    equals.map { Self.decoded(pair[pair.index(after: $0)...]) } ?? ""
                )
            )
        }
    }

    /// The last value given for `name`, or nil.
    public subscript(name: String) -> String? {
        parameters.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// Every value given for `name`, in order.
    public func values(for name: String) -> [String] {
        parameters.lazy.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }

    /// The text that these bytes of a query stand for. O(number of bytes).
    package static func decoded(_ bytes: some Collection<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            switch byte {
            case UInt8(ascii: "+"):
                output.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = bytes[index...].prefix(2)
                if digits.count == 2, let high = digits.first?.hexadecimalValue,
                    let low = digits.dropFirst().first?.hexadecimalValue
                {
                    output.append(high << 4 | low)
                    index = digits.endIndex
                } else {
                    output.append(byte)
                }
            default:
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
