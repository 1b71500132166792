/// Why a query parameter is not a filter or an order.
public struct FilterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the parameter, cut if it is long.
    public let parameter: String

    /// A message for the client.
    public let message: String

    package init(_ parameter: String, _ message: String) {
        self.parameter = String(String.UnicodeScalarView(parameter.unicodeScalars.prefix(100)))
        self.message = message
    }

    /// The problem in the form of problems of fields: `{"population__lt": ["A valid integer is required."]}`.
    public var errors: FieldErrors { FieldErrors(field: parameter, message) }

    /// A message for a developer.
    public var description: String { "parameter \"\(parameter)\": \(message)" }
}
