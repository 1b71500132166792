#if Crypto
/// Why keys make no seal. It is a mistake in the configuration of the service.
public enum SealingKeyError: Error, Hashable {
    /// The key of this number has the wrong length.
    case wrongLength(id: UInt32, byteCount: Int, expected: String)
    /// Two keys have this number.
    case duplicate(id: UInt32)
}

extension SealingKeyError: CustomStringConvertible {
    /// What is wrong, and how it would be right.
    public var description: String {
        switch self {
        case .wrongLength(let id, let byteCount, let expected):
            "Sealing key \(id) has \(byteCount) bytes instead of \(expected)."
        case .duplicate(let id):
            "Two sealing keys have the number \(id)."
        }
    }
}
#endif
