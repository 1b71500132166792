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
        self.init(query: target.targetQuery ?? "")
    }

    /// Creates parameters from a query, without its question mark. O(length of the query).
    public init(query: some StringProtocol) {
        self.parameters = []
        for pair in Substring(query).utf8.split(separator: UInt8(ascii: "&")).map(Substring.init) {
            let equals = pair.utf8.firstIndex(of: UInt8(ascii: "="))
            let value = equals.map { pair[pair.utf8.index(after: $0)...] } ?? ""
            parameters.append(
                Parameter(
                    pair[..<(equals ?? pair.endIndex)].percentDecoded(plusIsSpace: true),
                    value.percentDecoded(plusIsSpace: true)))
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
}
