/// Reads the fields of a body and gathers what is wrong with them, so that a client learns of everything at once.
struct FieldReader {
    private let members: [String: JSONValue]
    private var errors: [String: [String]] = [:]

    /// Creates a reader, which finds missing and surplus fields at once.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - fields: The names of the fields that can be written; any other is an error.
    ///   - requiresAll: Whether each of them has to be there.
    init(_ body: JSONBody, fields: [String], requiresAll: Bool) {
        members = body.members
        for name in members.keys where !fields.contains(name) {
            errors[name] = ["cannot be written; the fields are \(fields.joined(separator: ", "))"]
        }
        guard requiresAll else { return }
        for name in fields where members[name] == nil { errors[name] = ["is required"] }
    }

    /// The text in a field, or nil when the body does not have it or it is wrong.
    mutating func text(_ name: String, length: ClosedRange<Int>) -> String? {
        let expectation = "a text of \(length.lowerBound) to \(length.upperBound) characters without control characters"
        return text(name, expecting: expectation) { text in
            // What is nothing but white space is as good as empty.
            (length.lowerBound == 0 || !text.allSatisfy(\.isWhitespace)) && length.contains(text.unicodeScalars.count)
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
    }

    /// The text in a field that `isValid` accepts.
    mutating func text(_ name: String, expecting expectation: String, _ isValid: (String) -> Bool) -> String? {
        value(name, expecting: expectation) { value in
            guard case .text(let text) = value, isValid(text) else { return nil }
            return text
        }
    }

    /// The whole number in a field.
    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            guard case .wholeNumber(let number) = value, range.contains(number) else { return nil }
            return number
        }
    }

    /// The number in a field.
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

    /// Ends the reading.
    ///
    /// - Throws: ``APIError`` with everything that was found to be wrong.
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
