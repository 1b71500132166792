public import HTTPSemantics

/// The identifier of an operation: a UUID of version 7 (RFC 9562), of which 74 bits are random.
///
/// For operations of anonymous clients, the identifier is what permits reading the status.
public struct OperationID: Sendable, Hashable, CustomStringConvertible {
    /// The identifier in lower-case hexadecimal digits and hyphens.
    public let description: String

    /// Creates an identifier from its text, or returns nil for a text that is not one.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard Self.digits.contains(byte) else { return nil }
            }
        }
        description = String(text)
    }

    /// Creates a new identifier, which sorts after those of earlier milliseconds.
    public init(at time: Timestamp) {
        var random = SystemRandomNumberGenerator()
        let milliseconds = UInt64(clamping: time.nanoseconds / 1_000_000) & 0xFFFF_FFFF_FFFF
        let high = milliseconds << 16 | 0x7000 | random.next() & 0xFFF
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in [high, low].flatMap({ word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        })
        .enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 0xF)])
        }
        description = String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

extension OperationID: Codable {
    /// Reads an identifier.
    ///
    /// - Throws: `DecodingError` for a text that is not one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = OperationID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a UUID")
        }
        self = id
    }

    /// Writes the identifier as a text.
    ///
    /// - Throws: The errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
