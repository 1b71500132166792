/// The reason why the bytes in a store are not the requested entry.
///
/// To a cache each of these errors is a miss. None needs a repair, because the next response replaces the bytes. A store throws the
/// error from ``CacheStore/entry(for:)``: the cache counts it by ``description`` and does not count it as a failure of the store.
public struct EntryDecodingError: Error, Hashable {
    private enum Reason: String, CaseIterable {
        case foreign
        case unknownVersion = "unknown-version"
        case damaged
        case wrongKey = "wrong-key"
        case wrongSeal = "wrong-seal"
        case missingSeal = "missing-seal"
        case unexpectedSeal = "unexpected-seal"
        case malformed
    }

    private let reason: Reason

    /// Every error.
    static let all = Reason.allCases.map { Self(reason: $0) }

    /// The bytes were not written by an ``EntryCoder``.
    public static let foreign = Self(reason: .foreign)
    /// The bytes have an unknown format version: a newer or older version of this library wrote them.
    public static let unknownVersion = Self(reason: .unknownVersion)
    /// Bytes are missing, added or changed.
    public static let damaged = Self(reason: .damaged)
    /// The entry was encoded for another key.
    public static let wrongKey = Self(reason: .wrongKey)
    /// The seal has a different kind or key than the coder accepts, or was not created for these bytes.
    public static let wrongSeal = Self(reason: .wrongSeal)
    /// The entry has no seal, but the coder requires one.
    public static let missingSeal = Self(reason: .missingSeal)
    /// The entry has a seal, but the coder has none.
    public static let unexpectedSeal = Self(reason: .unexpectedSeal)
    /// The bytes are undamaged, but are not a valid entry: a status, field or text in them is not allowed.
    public static let malformed = Self(reason: .malformed)
}

extension EntryDecodingError: CustomStringConvertible {
    /// A word for logs and metrics, such as `wrong-seal`.
    public var description: String { reason.rawValue }
}

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
