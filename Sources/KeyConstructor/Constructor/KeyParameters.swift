/// Selects the values of a bit that are part of the key: names of header fields, positions of arguments, all, or none.
///
/// Parameters that a bit can never match (positions for a bit that expects names, `"x tenant:"` as the name of a header
/// field) stop the program, also in release builds. Ignoring them would give one key to requests that need different keys.
/// The message names the bit, the parameter and the expected form.
///
/// ```swift
/// let bits: KeyConstructor = ["query": .queryParameters(["page"]), "args": .arguments([0, -1]), "all": .headers("*")]
/// ```
public enum KeyParameters: Sendable, Hashable {
    /// All values; written `"*"` as in drf-extensions.
    case all
    /// The values with these names.
    case names([String])
    /// The values at these positions. A negative position counts from the end.
    case indices([Int])
    /// No value. The bit writes an empty container.
    case nothing

    /// Returns the names. Positions stop the program.
    ///
    /// - Parameters:
    ///   - bit: The type of the bit that uses the names.
    ///   - expected: The form that the bit expects, for the message.
    ///   - isUsable: Returns whether the bit can match a name.
    /// - Returns: The names; empty for ``all`` and ``nothing``.
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

    /// Returns the positions; empty for ``all`` and ``nothing``. Names stop the program.
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

    /// Stops the program. Release builds do not print the message of `precondition`.
    private static func stop(_ bit: Any.Type, _ found: String, _ expected: String) -> Never {
        fatalError("\(bit) cannot use the parameter \(found); it expects \(expected)")
    }
}

extension KeyParameters: ExpressibleByStringLiteral {
    /// Creates ``all`` from `"*"`, and otherwise parameters with one name.
    public init(stringLiteral value: String) {
        self = value == "*" ? .all : .names([value])
    }
}

extension KeyParameters: ExpressibleByArrayLiteral {
    /// A name or a position in an array literal.
    public enum Element: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// The name of a value.
        case name(String)
        /// The position of a value.
        case index(Int)

        /// Creates a name.
        public init(stringLiteral value: String) { self = .name(value) }
        /// Creates a position.
        public init(integerLiteral value: Int) { self = .index(value) }
    }

    /// Creates parameters from names or from positions. Mixing them stops the program. The empty array is ``nothing``.
    public init(arrayLiteral elements: Element...) {
        let names = elements.compactMap { if case .name(let name) = $0 { name } else { nil } }
        let indices = elements.compactMap { if case .index(let index) = $0 { index } else { nil } }
        if !names.isEmpty, !indices.isEmpty {
            fatalError("key parameters are names or positions, not both: \(names) and \(indices)")
        }
        self = !names.isEmpty ? .names(names) : !indices.isEmpty ? .indices(indices) : .nothing
    }
}
