import HTTPPipeline

/// Parses the parameters of a query and collects their errors.
struct QueryReader {
    private let parameters: QueryParameters
    private var errors: [String: [String]] = [:]

    init(_ parameters: QueryParameters) {
        self.parameters = parameters
    }

    /// Parses one parameter.
    ///
    /// - Parameters:
    ///   - name: The name of the parameter.
    ///   - expectation: The expected value for the error message.
    ///   - convert: Converts the text to the value, or returns nil when it is invalid.
    /// - Returns: The value, or nil when the parameter is missing or invalid.
    mutating func value<Value>(_ name: String, expecting expectation: String, _ convert: (String) -> Value?) -> Value? {
        guard let text = parameters[name] else { return nil }
        let value = convert(text)
        if value == nil { errors[name] = ["must be \(expectation), not '\(text.prefix(100))'"] }
        return value
    }

    /// Returns the whole number of a parameter.
    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Finishes parsing.
    ///
    /// - Throws: ``APIError`` with all errors.
    func finish() throws(APIError) {
        if !errors.isEmpty { throw APIError(fields: errors) }
    }
}
