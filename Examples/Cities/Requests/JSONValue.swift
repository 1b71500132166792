/// A value in a request's body, with the distinctions that the fields of this API need.
enum JSONValue: Decodable, Sendable, Hashable {
    case null
    case boolean(Bool)
    case wholeNumber(Int)
    case number(Double)
    case text(String)
    /// An array, an object, or a number out of range.
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .wholeNumber(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .other
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value in error messages.
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .wholeNumber(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "'\(value.prefix(100))'"
        case .other: "an array, an object or a number that is too large"
        }
    }
}
