import KeyConstructor

extension FieldDescription {
    /// A value of the field for descriptions: the declared example, a choice, the default, or a value within the limits.
    ///
    /// - Complexity: O(minimum length of a text).
    public var exampleValue: RowValue {
        if let example { return example }
        if let choice = choices?.first { return .text(choice) }
        if let defaultValue, defaultValue != .null { return defaultValue }
        switch type {
        case .integer:
            guard case .integers(let range) = limits else { return .integer(1) }
            return .integer(min(max(1, range.lowerBound), range.upperBound))
        case .number:
            guard case .numbers(let range) = limits else { return .number(1.5) }
            return .number(min(max(1.5, range.lowerBound), range.upperBound))
        case .boolean: return .boolean(true)
        case .text: return .text(exampleText)
        }
    }

    /// The name of the field, repeated or cut to an allowed length.
    private var exampleText: String {
        let text = name.replacing("_", with: " ")
        guard case .lengths(let range) = limits else { return text }
        let count = max(range.lowerBound, min(text.count, range.upperBound))
        return String(String(repeating: text + " ", count: count / (text.count + 1) + 1).prefix(count))
    }
}
