package import NIOCore

/// A reply in the Redis serialization protocol, version 2.
package enum RESPValue: Sendable, Hashable {
    /// A word that says that all went well, such as `OK`.
    case status(String)
    /// Why the server refuses a command: a word such as `WRONGTYPE` and an explanation.
    case error(String)
    /// A number.
    case integer(Int64)
    /// Bytes.
    case bytes(ByteBuffer)
    /// Nothing: no such key, for example.
    case null
    /// Several replies.
    case array([RESPValue])
}

extension RESPValue: CustomStringConvertible {
    /// The reply in a line, for logs; of bytes only the number.
    package var description: String {
        switch self {
        case .status(let text): text
        case .error(let text): "error: \(text)"
        case .integer(let value): "\(value)"
        case .bytes(let buffer): "\(buffer.readableBytes) bytes"
        case .null: "nothing"
        case .array(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        }
    }
}
