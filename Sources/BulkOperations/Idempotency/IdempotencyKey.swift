import HTTPSemantics
public import HTTPTypes

/// The key by which a server recognizes the repetition of a request: the value of Idempotency-Key
/// (draft-ietf-httpapi-idempotency-key-header-07).
///
/// The value is a string of structured fields (RFC 9651), such as `"8e03978e-40d5-43e8-bc93-6894a57f9324"`. A value without quotes
/// is accepted too and means the same key. Parameters after the string are ignored.
public struct IdempotencyKey: Sendable, Hashable, CustomStringConvertible {
    /// The error of a field that is not one valid key.
    public struct InvalidField: Error, Hashable, CustomStringConvertible {
        /// A message for the client.
        public var description: String {
            "Idempotency-Key must be one string of 1 to 255 visible ASCII characters, such as \"8e03978e-40d5-43e8\"."
        }
    }

    /// The key without quotes: 1 to 255 visible ASCII characters.
    public let text: String

    /// The key without quotes.
    public var description: String { text }

    /// Parses the field of a request. The result is nil if the request does not have the field.
    ///
    /// - Parameter request: The request.
    /// - Throws: ``InvalidField`` for several fields, and for a value that is not a key.
    public init?(of request: HTTPRequest) throws(InvalidField) {
        var value: String?
        for field in request.headerFields where field.name == .idempotencyKey {
            guard value == nil else { throw InvalidField() }
            value = field.value
        }
        guard let value else { return nil }
        try self.init(fieldValue: value)
    }

    /// Parses the value of a field.
    ///
    /// - Parameter value: The value.
    /// - Throws: ``InvalidField`` for a value that is not a key.
    /// - Complexity: O(length of the value).
    public init(fieldValue value: String) throws(InvalidField) {
        let content = Array(value.utf8.trimmingSpaces)
        let key = content.first == Self.quote ? try Self.quoted(content) : try Self.bare(content)
        guard (1...255).contains(key.count) else { throw InvalidField() }
        text = String(decoding: key, as: UTF8.self)
    }

    private static let quote = UInt8(ascii: "\"")

    /// Returns the content of a string (RFC 9651 section 4.2.5).
    private static func quoted(_ value: [UInt8]) throws(InvalidField) -> [UInt8] {
        var key: [UInt8] = []
        var rest = value.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case quote:
                guard rest.first == nil || rest.first == UInt8(ascii: ";") else { throw InvalidField() }
                return key
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped == quote || escaped == byte else { throw InvalidField() }
                key.append(escaped)
            case 0x21...0x7E: key.append(byte)
            default: throw InvalidField()
            }
        }
        throw InvalidField()
    }

    /// Returns a value without quotes. Separators would make it a list, parameters or a broken string.
    private static func bare(_ value: [UInt8]) throws(InvalidField) -> [UInt8] {
        let separators = Array("\",;\\".utf8)
        guard value.allSatisfy({ (0x21...0x7E).contains($0) && !separators.contains($0) }) else { throw InvalidField() }
        return value
    }
}

extension HTTPField.Name {
    /// Idempotency-Key.
    public static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    /// Idempotent-Replayed: `true` in a response that an earlier request with the same key received.
    public static let idempotentReplayed = HTTPField.Name("Idempotent-Replayed")!
}
