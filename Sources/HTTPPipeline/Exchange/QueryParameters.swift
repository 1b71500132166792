/// The decoded parameters of a query in order, including repeated ones.
///
/// Decoding follows `application/x-www-form-urlencoded`, as in Django: `+` and `%20` are spaces, `a` and `a=` have empty values, empty
/// pairs are skipped, names may be empty, `;` is not a separator, malformed percent-encodings are kept, and bytes that are not UTF-8
/// become U+FFFD.
public struct QueryParameters: Sendable, Hashable {
    /// A parameter.
    public struct Parameter: Sendable, Hashable {
        /// The decoded name.
        public var name: String
        /// The decoded value.
        public var value: String

        /// Creates a parameter from a decoded name and value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters in the order of the query.
    public var parameters: [Parameter]

    /// Parses the query of a request target, for example `/cities?page=2`. O(length of the target).
    public init(target: String) {
        self.init(query: target.targetQuery ?? "")
    }

    /// Parses a query without its question mark. O(length of the query).
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

    /// The last value of a name, or nil.
    public subscript(name: String) -> String? {
        parameters.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// Returns all values of a name in order.
    public func values(for name: String) -> [String] {
        parameters.lazy.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }
}
