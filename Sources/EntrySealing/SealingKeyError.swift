#if Crypto
/// An error in the sealing keys that the service is configured with.
public enum SealingKeyError: Error, Hashable {
    /// The key with this number has the wrong length.
    case wrongLength(id: UInt32, byteCount: Int, expected: String)
    /// Two keys have this number.
    case duplicate(id: UInt32)
}

extension SealingKeyError: CustomStringConvertible {
    /// A description of the error and of the expected value.
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
