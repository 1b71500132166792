/// Tells a bit which of its values take part in the key: the names of headers, the indices of arguments, all, none.
///
/// ```swift
/// let bits: KeyConstructor = ["query": .queryParameters(["page"]), "args": .arguments([0, -1]), "all": .headers("*")]
/// ```
public enum KeyParameters: Sendable, Hashable {
    /// Everything there is; written `"*"` as in drf-extensions.
    case all
    /// These names.
    case names([String])
    /// These positions; a negative one counts from the end.
    case indices([Int])
    /// Nothing. The bit then writes its empty container.
    case nothing

    /// The given names, or none where these parameters are not names.
    var nameList: [String] {
        if case .names(let names) = self { names } else { [] }
    }
}

extension KeyParameters: ExpressibleByStringLiteral {
    /// Creates ``all`` from `"*"`, and otherwise parameters of one name.
    public init(stringLiteral value: String) {
        self = value == "*" ? .all : .names([value])
    }
}

extension KeyParameters: ExpressibleByArrayLiteral {
    /// A name or a position in an array literal.
    public enum Element: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// A name.
        case name(String)
        /// A position.
        case index(Int)

        /// Creates a name.
        public init(stringLiteral value: String) { self = .name(value) }
        /// Creates a position.
        public init(integerLiteral value: Int) { self = .index(value) }
    }

    /// Creates parameters from names or from positions, not from both; the empty array is ``nothing``.
    public init(arrayLiteral elements: Element...) {
        let names = elements.compactMap { if case .name(let name) = $0 { name } else { nil } }
        let indices = elements.compactMap { if case .index(let index) = $0 { index } else { nil } }
        precondition(
            names.isEmpty || indices.isEmpty,
            "key parameters are names or positions, not both: \(names) and \(indices)"
        )
        self = !names.isEmpty ? .names(names) : !indices.isEmpty ? .indices(indices) : .nothing
    }
}
