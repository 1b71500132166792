import HTTPPipeline

/// Reads the parameters of a query and gathers what is wrong with them.
struct QueryReader {
    private let parameters: QueryParameters
    private var errors: [String: [String]] = [:]

    init(_ parameters: QueryParameters) {
        self.parameters = parameters
    }

    /// Reads one parameter.
    ///
    /// - Parameters:
    ///   - name: The name of the parameter.
    ///   - expectation: What the parameter must be, for the error.
    ///   - convert: Makes the value of the text, or returns nil when it is wrong.
    /// - Returns: The value, or nil when the query does not have the parameter or it is wrong.
    mutating func value<Value>(_ name: String, expecting expectation: String, _ convert: (String) -> Value?) -> Value? {
        guard let text = parameters[name] else { return nil }
        let value = convert(text)
        if value == nil { errors[name] = ["must be \(expectation), not '\(text.prefix(100))'"] }
        return value
    }

    /// The whole number in a parameter.
    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Ends the reading.
    ///
    /// - Throws: ``APIError`` with everything that was found to be wrong.
    func finish() throws(APIError) {
        if !errors.isEmpty { throw APIError(fields: errors) }
    }
}
