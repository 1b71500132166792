/// Parses the fields of a body and collects their errors, so that a client receives all of them at once.
struct FieldReader {
    private let members: [String: JSONValue]
    private var errors: [String: [String]] = [:]

    /// Creates a reader and collects errors of missing and unknown fields.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - fields: The names of the writable fields; any other is an error.
    ///   - requiresAll: Whether every field is required.
    init(_ body: JSONBody, fields: [String], requiresAll: Bool) {
        members = body.members
        for name in members.keys where !fields.contains(name) {
            errors[name] = ["unknown field; expected one of \(fields.joined(separator: ", "))"]
        }
        guard requiresAll else { return }
        for name in fields where members[name] == nil { errors[name] = ["is required"] }
    }

    /// Returns the text of a field, or nil when it is missing or invalid.
    mutating func text(_ name: String, length: ClosedRange<Int>) -> String? {
        let expectation = "a text of \(length.lowerBound) to \(length.upperBound) characters without control characters"
        return text(name, expecting: expectation) { text in
            // White space alone counts as empty.
            (length.lowerBound == 0 || !text.allSatisfy(\.isWhitespace)) && length.contains(text.unicodeScalars.count)
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
    }

    /// Returns the text of a field if `isValid` accepts it.
    mutating func text(_ name: String, expecting expectation: String, _ isValid: (String) -> Bool) -> String? {
        value(name, expecting: expectation) { value in
            guard case .text(let text) = value, isValid(text) else { return nil }
            return text
        }
    }

    /// Returns the whole number of a field.
    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            guard case .wholeNumber(let number) = value, range.contains(number) else { return nil }
            return number
        }
    }

    /// Returns the number of a field.
    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Double? {
        let bounds = Double(range.lowerBound)...Double(range.upperBound)
        return value(name, expecting: "a number from \(range.lowerBound) to \(range.upperBound)") { value in
            switch value {
            case .wholeNumber(let number) where range.contains(number): Double(number)
            case .number(let number) where bounds.contains(number): number
            default: nil
            }
        }
    }

    /// Finishes parsing.
    ///
    /// - Throws: ``APIError`` with all errors.
    func finish() throws(APIError) {
        if !errors.isEmpty { throw APIError(fields: errors) }
    }

    private mutating func value<Value>(
        _ name: String,
        expecting expectation: String,
        _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let member = members[name] else { return nil }
        let value = convert(member)
        if value == nil { errors[name] = ["must be \(expectation), not \(member)"] }
        return value
    }
}
