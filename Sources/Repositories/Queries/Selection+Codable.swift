extension Selection: Codable {
    private enum CodingKeys: String, CodingKey {
        case and, or, not, field
        case exact, ne, lt, lte, gt, gte, contains, startswith, endswith
        case `in`, range, isnull
    }

    private static let comparisons: [(CodingKeys, Comparison)] = [
        (.exact, .equal), (.ne, .notEqual), (.lt, .less), (.lte, .lessOrEqual), (.gt, .greater),
        (.gte, .greaterOrEqual), (.contains, .contains), (.startswith, .startsWith), (.endswith, .endsWith),
    ]

    /// Reads a selection such as `{"and": [{"field": "country", "exact": "AD"}, {"field": "id", "in": [1, 2]}]}`.
    ///
    /// - Throws: `DecodingError` for anything else, and for a selection with more than ``maximumTermCount`` comparisons and
    ///   values or more than ``maximumDepth`` levels.
    public init(from decoder: any Decoder) throws {
        var remaining = Self.maximumTermCount
        self = try Self.read(from: decoder.container(keyedBy: CodingKeys.self), depth: 1, remaining: &remaining)
    }

    private static func read(
        from container: KeyedDecodingContainer<CodingKeys>, depth: Int, remaining: inout Int
    ) throws -> Selection {
        func fail(_ message: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: container.codingPath, debugDescription: message))
        }
        func takeTerm() throws {
            remaining -= 1
            if remaining < 0 { throw fail("a selection has at most \(maximumTermCount) comparisons and values") }
        }
        guard depth <= maximumDepth else { throw fail("a selection has at most \(maximumDepth) levels") }
        try takeTerm()
        for key in [CodingKeys.and, .or] where container.contains(key) {
            var elements = try container.nestedUnkeyedContainer(forKey: key)
            var parts: [Selection] = []
            while !elements.isAtEnd {
                let element = try elements.nestedContainer(keyedBy: CodingKeys.self)
                parts.append(try read(from: element, depth: depth + 1, remaining: &remaining))
            }
            return key == .and ? .and(parts) : .or(parts)
        }
        if container.contains(.not) {
            let element = try container.nestedContainer(keyedBy: CodingKeys.self, forKey: .not)
            return .not(try read(from: element, depth: depth + 1, remaining: &remaining))
        }
        let field = try container.decode(String.self, forKey: .field)
        if container.contains(.in) {
            var elements = try container.nestedUnkeyedContainer(forKey: .in)
            var values: [RowValue] = []
            while !elements.isAtEnd {
                try takeTerm()
                values.append(try elements.decode(RowValue.self))
            }
            return .values(field, values)
        }
        if container.contains(.range) {
            var elements = try container.nestedUnkeyedContainer(forKey: .range)
            let selection = range(field, try elements.decode(RowValue.self), try elements.decode(RowValue.self))
            guard elements.isAtEnd else { throw fail("a range has two values") }
            return selection
        }
        if container.contains(.isnull) {
            return try container.decode(Bool.self, forKey: .isnull) ? .isNull(field) : .not(.isNull(field))
        }
        for (key, comparison) in comparisons where container.contains(key) {
            return .comparison(field, comparison, try container.decode(RowValue.self, forKey: key))
        }
        throw fail("a selection has an operator, \"and\", \"or\" or \"not\"")
    }

    /// Writes the selection as ``init(from:)`` reads it.
    ///
    /// - Throws: The encoder's error, for example for a number that is not finite.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .and(let parts): try container.encode(parts, forKey: .and)
        case .or(let parts): try container.encode(parts, forKey: .or)
        case .not(.isNull(let field)):
            try container.encode(field, forKey: .field)
            try container.encode(false, forKey: .isnull)
        case .not(let part): try container.encode(part, forKey: .not)
        case .isNull(let field):
            try container.encode(field, forKey: .field)
            try container.encode(true, forKey: .isnull)
        case .values(let field, let values):
            try container.encode(field, forKey: .field)
            try container.encode(values, forKey: .in)
        case .range(let field, let lower, let upper):
            try container.encode(field, forKey: .field)
            try container.encode([lower, upper], forKey: .range)
        case .comparison(let field, let comparison, let value):
            try container.encode(field, forKey: .field)
            for (key, other) in Self.comparisons where other == comparison { try container.encode(value, forKey: key) }
        }
    }
}
