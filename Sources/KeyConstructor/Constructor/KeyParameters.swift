/// Says which of a bit's values take part in the key: the names of header fields, the positions of arguments, all, none.
///
/// Parameters that a bit can never find anything by (positions for a bit that takes names, `"x tenant:"` as the name of a header
/// field) stop the program, in release builds too: ignoring them would give requests one key that should have several. The message
/// names the bit, the parameter and what is expected.
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

    /// Returns the given names. Positions stop the program.
    ///
    /// - Parameters:
    ///   - bit: The bit that takes the names.
    ///   - expected: What the bit expects, for the message.
    ///   - isUsable: Whether the bit can find anything by a name.
    /// - Returns: The names; none for ``all`` and ``nothing``.
    func names(
        of bit: Any.Type,
        expected: String = "names, \"*\" or nothing",
        where isUsable: (String) -> Bool = { _ in true }
    ) -> [String] {
        switch self {
        case .names(let names):
            if let name = names.first(where: { !isUsable($0) }) { Self.stop(bit, "\"\(name)\"", expected) }
            return names
        case .indices(let indices):
            if !indices.isEmpty { Self.stop(bit, "\(indices)", expected) }
            return []
        case .all, .nothing:
            return []
        }
    }

    /// The given positions; none for ``all`` and ``nothing``. Names stop the program.
    func indices(of bit: Any.Type) -> [Int] {
        switch self {
        case .indices(let indices):
            return indices
        case .names(let names):
            if !names.isEmpty { Self.stop(bit, "\(names)", "positions such as [0, -1], \"*\" or nothing") }
            return []
        case .all, .nothing:
            return []
        }
    }

    /// Stops the program. It is not `precondition`, whose message release builds do not print.
    private static func stop(_ bit: Any.Type, _ found: String, _ expected: String) -> Never {
        fatalError("\(bit) cannot use the parameter \(found); it expects \(expected)")
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
        if !names.isEmpty, !indices.isEmpty {
            fatalError("key parameters are names or positions, not both: \(names) and \(indices)")
        }
        self = !names.isEmpty ? .names(names) : !indices.isEmpty ? .indices(indices) : .nothing
    }
}
