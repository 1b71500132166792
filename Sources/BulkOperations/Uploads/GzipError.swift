/// Why a gzip stream was not decoded.
enum GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bytes are not gzip, or a checksum is wrong.
    case damaged
    /// The stream ends before its last member does.
    case truncated
    /// The decoded bytes exceed the limit, in bytes.
    case tooLarge(limit: Int)

    /// The message for a client.
    var description: String {
        switch self {
        case .damaged: "The gzip data is damaged."
        case .truncated: "The gzip data ends too early."
        case .tooLarge(let limit): "The unpacked data has more than \(limit) bytes."
        }
    }
}
