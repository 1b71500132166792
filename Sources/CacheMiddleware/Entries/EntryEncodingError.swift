/// The reason why an entry cannot be encoded.
public struct EntryEncodingError: Error, Hashable {
    private enum Reason: String {
        case tooLarge = "too-large"
        case invalidStatus = "invalid-status"
    }

    private let reason: Reason

    /// The entry takes more than 2 GiB, or has more than 65,535 tags.
    public static let tooLarge = Self(reason: .tooLarge)
    /// The status code does not have three digits.
    public static let invalidStatus = Self(reason: .invalidStatus)
}

extension EntryEncodingError: CustomStringConvertible {
    /// A word for logs and metrics, such as `too-large`.
    public var description: String { reason.rawValue }
}
