/// Why the bytes that a store found are not the entry that was looked for.
///
/// To a cache each of them is a miss; what they have in common is that nobody has to repair anything, as the next answer
/// replaces the bytes. A store throws it from ``CacheStore/entry(for:)``: the cache counts it by ``description`` and does not take it
/// for a failure of the store.
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
    /// The bytes have a version of the format that this library does not know: a newer or older one wrote them.
    public static let unknownVersion = Self(reason: .unknownVersion)
    /// Bytes are missing, or there are more, or some changed.
    public static let damaged = Self(reason: .damaged)
    /// The entry was made for another key.
    public static let wrongKey = Self(reason: .wrongKey)
    /// The seal is of another kind or key than those that are accepted, or it was not made for these bytes.
    public static let wrongSeal = Self(reason: .wrongSeal)
    /// The entry has no seal, and one is required.
    public static let missingSeal = Self(reason: .missingSeal)
    /// The entry has a seal, and none can be opened.
    public static let unexpectedSeal = Self(reason: .unexpectedSeal)
    /// The bytes are as they were written, but no entry is written like this: a status, field or text in them is not allowed.
    public static let malformed = Self(reason: .malformed)
}

extension EntryDecodingError: CustomStringConvertible {
    /// A word for logs and metrics, such as `wrong-seal`.
    public var description: String { reason.rawValue }
}
