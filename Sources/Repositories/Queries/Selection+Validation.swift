extension Selection {
    /// Returns the selection with values of the types of its fields.
    ///
    /// Integers for number fields become numbers, and numbers without a fraction for integer fields become integers.
    ///
    /// - Parameter fields: The fields that the selection is about.
    /// - Returns: The equivalent selection.
    /// - Throws: ``SelectionError`` for an unknown field, a value of another type, null, a number that is not finite, a text
    ///   with the character U+0000, a comparison that the type does not have, and a selection that is too large.
    /// - Complexity: O(size of the selection).
    public func validated(against fields: FieldSet) throws(SelectionError) -> Selection {
        var budget = Budget()
        return try validated(fields, depth: 1, &budget)
    }

    private struct Budget {
        var terms = Selection.maximumTermCount
        var bytes = Selection.maximumTextByteCount

        mutating func take(_ value: RowValue? = nil) throws(SelectionError) {
            terms -= 1
            if case .text(let text) = value { bytes -= text.utf8.count }
            if terms < 0 {
                throw .tooLarge("a selection has at most \(Selection.maximumTermCount) comparisons and values")
            }
            if bytes < 0 { throw .tooLarge("a selection has at most \(Selection.maximumTextByteCount) bytes of text") }
        }
    }

    private func validated(
        _ fields: FieldSet, depth: Int, _ budget: inout Budget
    ) throws(SelectionError) -> Selection {
        guard depth <= Self.maximumDepth else {
            throw .tooLarge("a selection has at most \(Self.maximumDepth) levels")
        }
        try budget.take()
        switch self {
        case .and(let parts):
            return .and(try Self.validated(parts, fields, depth: depth + 1, &budget))
        case .or(let parts):
            return .or(try Self.validated(parts, fields, depth: depth + 1, &budget))
        case .not(let part):
            return .not(try part.validated(fields, depth: depth + 1, &budget))
        case .isNull(let name):
            guard fields[name] != nil else { throw .unknownField(name) }
            return self
        case .comparison(let name, let comparison, let value):
            guard let field = fields[name] else { throw .unknownField(name) }
            if comparison.isTextual, field.type != .text {
                throw .invalidComparison(field: name, comparison.rawValue)
            }
            if comparison == .contains, case .text(let text) = value, text.utf8.count > Self.maximumPatternByteCount {
                throw .tooLarge("a text to search for has at most \(Self.maximumPatternByteCount) bytes")
            }
            try budget.take(value)
            return .comparison(name, comparison, try field.comparable(value))
        case .range(let name, let lower, let upper):
            guard let field = fields[name] else { throw .unknownField(name) }
            try budget.take(lower)
            try budget.take(upper)
            return .range(name, try field.comparable(lower), try field.comparable(upper))
        case .values(let name, let values):
            guard let field = fields[name] else { throw .unknownField(name) }
            var valid: [RowValue] = []
            valid.reserveCapacity(min(values.count, Self.maximumTermCount))
            for value in values {
                try budget.take(value)
                valid.append(try field.comparable(value))
            }
            return .values(name, valid)
        }
    }

    private static func validated(
        _ parts: [Selection], _ fields: FieldSet, depth: Int, _ budget: inout Budget
    ) throws(SelectionError) -> [Selection] {
        var valid: [Selection] = []
        for part in parts { valid.append(try part.validated(fields, depth: depth, &budget)) }
        return valid
    }
}

extension FieldDescription {
    /// Returns a value as one that can be compared with the values of the field.
    ///
    /// - Throws: ``SelectionError/invalidValue(field:message:)``.
    func comparable(_ value: RowValue) throws(SelectionError) -> RowValue {
        switch (value, type) {
        case (.integer, .integer), (.boolean, .boolean): return value
        case (.number(let number), .integer):
            if let integer = Int64(exactly: number) { return .integer(integer) }
        case (.number(let number), .number) where number.isFinite: return value
        case (.integer(let integer), .number): return .number(Double(integer))
        case (.text(let text), .text):
            guard !text.utf8.contains(0) else {
                throw .invalidValue(field: name, message: FieldMessage.nullCharacter)
            }
            return value
        case (.null, _): throw .invalidValue(field: name, message: "null is compared with isnull")
        default: break
        }
        throw .invalidValue(field: name, message: FieldMessage.invalid(type))
    }
}
