public import NIOCore

/// A reply in the Redis serialization protocol, version 2.
public enum RESPValue: Sendable, Hashable {
    /// A simple string, such as `OK`.
    case status(String)
    /// An error: a code such as `WRONGTYPE`, and a message.
    case error(String)
    /// An integer.
    case integer(Int64)
    /// A bulk string.
    case bytes(ByteBuffer)
    /// A null bulk string or null array, such as the value of a missing key.
    case null
    /// An array.
    case array([RESPValue])
}

extension RESPValue: CustomStringConvertible {
    /// A single-line description for logs. Bulk strings show only their length.
    public var description: String {
        switch self {
        case .status(let text): text
        case .error(let text): "error: \(text)"
        case .integer(let value): "\(value)"
        case .bytes(let buffer): "\(buffer.readableBytes) bytes"
        case .null: "null"
        case .array(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        }
    }
}
