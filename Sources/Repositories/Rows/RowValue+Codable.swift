extension RowValue: Codable {
    private enum CodingKeys: String, CodingKey { case number }

    /// Reads null, a Boolean, an integer, a number or a text.
    ///
    /// - Throws: The decoder's error for a value of another type.
    public init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: CodingKeys.self) {
            self = .number(try object.decode(Double.self, forKey: .number))
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// Writes the value as itself. A number without a fraction is written as `{"number": 1}`, because formats such as JSON
    /// do not tell it from an integer.
    ///
    /// - Throws: The encoder's error, for example for a number that is not finite.
    public func encode(to encoder: any Encoder) throws {
        if case .number(let value) = self, value.rounded() == value {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(value, forKey: .number)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}
