extension Selection {
    /// Returns whether the selection selects a row of a batch. A field that the batch does not have counts as null.
    ///
    /// The selection must be valid for the fields of the batch; see ``validated(against:)``.
    ///
    /// - Complexity: O(size of the selection and of the compared texts).
    public func selects(row: Int, of batch: RowBatch) -> Bool {
        evaluate { batch.value(row: row, field: $0) ?? .null } == true
    }

    /// Returns whether the condition is true, false, or neither of both because of nulls.
    ///
    /// - Parameter value: Returns the value of a field.
    /// - Returns: True, false, or nil for what SQL calls unknown.
    /// - Complexity: O(size of the selection and of the compared texts).
    public func evaluate(_ value: (_ field: String) -> RowValue) -> Bool? {
        switch self {
        case .and(let parts):
            var result: Bool? = true
            for part in parts {
                switch part.evaluate(value) {
                case false?: return false
                case nil: result = nil
                case true?: break
                }
            }
            return result
        case .or(let parts):
            var result: Bool? = false
            for part in parts {
                switch part.evaluate(value) {
                case true?: return true
                case nil: result = nil
                case false?: break
                }
            }
            return result
        case .not(let part): return part.evaluate(value).map { !$0 }
        case .isNull(let field): return value(field).isNull
        case .comparison(let field, let comparison, let other): return comparison.holds(value(field), other)
        case .range(let field, let lower, let upper):
            let value = value(field)
            let (above, below) = (
                Comparison.greaterOrEqual.holds(value, lower), Comparison.lessOrEqual.holds(value, upper)
            )
            if above == false || below == false { return false }
            return above == nil || below == nil ? nil : true
        case .values(let field, let values):
            // Without values, SQL says false for null as well.
            if values.isEmpty { return false }
            let value = value(field)
            return value.isNull ? nil : values.contains(value)
        }
    }
}

extension Selection.Comparison {
    /// Returns whether the comparison is true, or nil if a value is null or the values have different types.
    func holds(_ left: RowValue, _ right: RowValue) -> Bool? {
        if isTextual {
            guard case .text(let left) = left, case .text(let right) = right else { return nil }
            switch self {
            case .startsWith: return left.utf8.starts(with: right.utf8)
            case .endsWith: return left.utf8.reversed().starts(with: right.utf8.reversed())
            default: return left.containsBytes(of: right)
            }
        }
        guard let order = left.order(to: right) else { return nil }
        switch self {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }
}

extension RowValue {
    /// Returns a negative number if this value is less than another one, zero if both are equal, and otherwise a positive
    /// number; or nil if one is null or they have different types.
    public func order(to other: RowValue) -> Int? {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left < right ? -1 : left == right ? 0 : 1
        case (.number(let left), .number(let right)): left < right ? -1 : left == right ? 0 : left > right ? 1 : nil
        case (.boolean(let left), .boolean(let right)): (left ? 1 : 0) - (right ? 1 : 0)
        case (.text(let left), .text(let right)):
            left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : left.utf8.elementsEqual(right.utf8) ? 0 : 1
        default: nil
        }
    }
}

extension String {
    /// Returns whether the UTF-8 of a text is a part of the UTF-8 of this one.
    fileprivate func containsBytes(of part: String) -> Bool {
        let (bytes, part) = (Array(utf8), Array(part.utf8))
        guard let first = part.first else { return true }
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { start in
            bytes[start] == first && bytes[start..<start + part.count].elementsEqual(part)
        }
    }
}
