extension FieldDescription {
    /// Returns a message about a value that the field does not allow, or nil for an allowed value.
    ///
    /// - Complexity: O(length of a text).
    public func problem(with value: RowValue) -> String? {
        switch (value, type) {
        case (.null, _): isOptional ? nil : FieldMessage.null
        case (.integer(let value), .integer): problem(with: value)
        case (.number(let value), .number): problem(with: value)
        case (.integer(let value), .number): problem(with: Double(value))
        case (.boolean, .boolean): nil
        case (.text(let text), .text):
            choiceProblem(text) ?? lengthProblem(scalarCount: text.unicodeScalars.count, isEmpty: text.isEmpty)
                ?? (text.utf8.contains(0) ? FieldMessage.nullCharacter : nil)
        default: FieldMessage.invalid(type)
        }
    }

    /// Returns a message about an integer outside of the limits, or nil.
    func problem(with value: Int64) -> String? {
        guard case .integers(let range) = limits, !range.contains(value) else { return nil }
        return value < range.lowerBound
            ? FieldMessage.tooSmall("\(range.lowerBound)") : FieldMessage.tooGreat("\(range.upperBound)")
    }

    /// Returns a message about a number that is not finite or outside of the limits, or nil.
    func problem(with value: Double) -> String? {
        guard value.isFinite else { return FieldMessage.invalid(.number) }
        guard case .numbers(let range) = limits, !range.contains(value) else { return nil }
        return value < range.lowerBound
            ? FieldMessage.tooSmall(FieldMessage.short(range.lowerBound))
            : FieldMessage.tooGreat(FieldMessage.short(range.upperBound))
    }

    /// Returns a message about a text of a length outside of the limits, or nil.
    func lengthProblem(scalarCount: Int, isEmpty: Bool) -> String? {
        guard case .lengths(let range) = limits, !range.contains(scalarCount) else { return nil }
        if isEmpty { return FieldMessage.blank }
        return scalarCount < range.lowerBound
            ? FieldMessage.tooShort(range.lowerBound) : FieldMessage.tooLong(range.upperBound)
    }

    /// Returns a message about a text that is not one of the choices, or nil.
    func choiceProblem(_ text: String) -> String? {
        guard let choices, !choices.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else { return nil }
        return FieldMessage.choice(text)
    }
}
