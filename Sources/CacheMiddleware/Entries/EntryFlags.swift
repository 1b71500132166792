/// The optional parts that an encoded entry has.
struct EntryFlags: OptionSet {
    var rawValue: UInt16

    static let freshUntil = Self(rawValue: 1)
    static let expiresAt = Self(rawValue: 2)
    static let path = Self(rawValue: 4)
    static let isThrownError = Self(rawValue: 8)
    static let all: Self = [.freshUntil, .expiresAt, .path, .isThrownError]
}
