/// A value in a JSON text and its position.
struct JSONNode: Sendable {
    /// The content of a value.
    enum Value: Sendable {
        case null
        case bool(Bool)
        /// A number as written, because it may be outside of the range of any Swift type.
        case number(String)
        case string(String)
        /// A string with half of a surrogate pair at this position. The grammar of RFC 8259 allows it, but a `String`
        /// cannot hold it.
        case unpairedSurrogate(SettingsError.Position)
        case array([JSONNode])
        /// The members in their order, including those with the same name.
        case object([JSONMember])
        /// Text that is not a value; the document has a problem there.
        case invalid
    }

    /// The forms of values that settings accept.
    enum Kind: Sendable { case bool, number, string, strings }

    let value: Value
    let position: SettingsError.Position
    /// The bytes of the value in the text.
    let range: Range<Int>

    /// The form of the value, or nil if no setting accepts such values.
    var kind: Kind? {
        switch value {
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array(let elements): elements.allSatisfy { $0.kind == .string } ? .strings : nil
        case .null, .object, .unpairedSurrogate, .invalid: nil
        }
    }

    /// Whether the value is invalid, or is an array with an invalid element.
    var isInvalid: Bool {
        switch value {
        case .invalid: true
        case .array(let elements): elements.contains(where: \.isInvalid)
        default: false
        }
    }

    /// The positions of unpaired surrogates in the value and in the elements of an array.
    var unpairedSurrogates: [SettingsError.Position] {
        switch value {
        case .unpairedSurrogate(let position): [position]
        case .array(let elements): elements.flatMap(\.unpairedSurrogates)
        default: []
        }
    }
}

/// A member of a JSON object.
struct JSONMember: Sendable {
    let name: String
    let position: SettingsError.Position
    let node: JSONNode
}
