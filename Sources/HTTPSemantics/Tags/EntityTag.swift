/// An entity tag: an identifier of one representation of a resource (RFC 9110 section 8.8.3).
///
/// Representations with the same strong tag are identical byte by byte; with the same weak tag they are semantically equivalent.
public struct EntityTag: Sendable, Hashable {
    /// The text between the quotes.
    public let opaqueTag: String

    /// Whether the tag is weak, written `W/"..."`.
    public let isWeak: Bool

    /// Creates a tag. Returns nil when the text has a character that is not allowed in a tag: a control character, a space, a double
    /// quote or DEL.
    public init?(_ opaqueTag: String, isWeak: Bool = false) {
        guard opaqueTag.utf8.allSatisfy(Self.isTagCharacter) else { return nil }
        self.opaqueTag = opaqueTag
        self.isWeak = isWeak
    }

    /// Parses an ETag field, `"abc"` or `W/"abc"`. Returns nil when it is malformed.
    ///
    /// A tag may have spaces, which the grammar before RFC 7232 allowed.
    public init?(field: String) {
        var field = field
        let tag: EntityTag? = field.withUTF8 { bytes in
            var scanner = EntityTagScanner(bytes)
            guard let member = scanner.next(), member.kind == .strong || member.kind == .weak, scanner.next() == nil
            else {
                return nil
            }
            return EntityTag(member, in: bytes)
        }
        guard let tag, !tag.opaqueTag.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        self = tag
    }

    /// Creates a tag without checking its characters.
    package init(unchecked opaqueTag: String, isWeak: Bool) {
        self.opaqueTag = opaqueTag
        self.isWeak = isWeak
    }

    /// Creates a tag from a member of a list.
    init(_ member: EntityTagScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) {
        self.opaqueTag = String(decoding: UnsafeBufferPointer(rebasing: bytes[member.text]), as: UTF8.self)
        self.isWeak = member.kind == .weak
    }

    /// Whether the tags match by strong comparison (RFC 9110 section 8.8.3.2), which If-Match uses: both are strong and have the same text.
    public func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaqueTag.utf8.elementsEqual(other.opaqueTag.utf8)
    }

    /// Whether the tags match by weak comparison (RFC 9110 section 8.8.3.2), which If-None-Match uses: both have the same text.
    public func matchesWeakly(_ other: EntityTag) -> Bool {
        opaqueTag.utf8.elementsEqual(other.opaqueTag.utf8)
    }

    /// Whether both tags have the same text and strength.
    public static func == (left: EntityTag, right: EntityTag) -> Bool {
        left.isWeak == right.isWeak && left.matchesWeakly(right)
    }

    /// Hashes the text and strength of the tag.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isWeak)
        for byte in opaqueTag.utf8 { hasher.combine(byte) }
    }

    /// `etagc` of RFC 9110: visible characters except the double quote, and bytes above ASCII.
    static func isTagCharacter(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7E).contains(byte) || byte >= 0x80
    }
}

extension EntityTag: CustomStringConvertible {
    /// The tag in the format of a header field: `"abc"` or `W/"abc"`.
    public var description: String {
        isWeak ? "W/\"\(opaqueTag)\"" : "\"\(opaqueTag)\""
    }

    /// Whether a field value equals ``description``, which is not created for the comparison.
    package func isWritten(as field: String) -> Bool {
        let start = isWeak ? 3 : 1
        return field.utf8.count == start + opaqueTag.utf8.count + 1 && field.utf8.last == UInt8(ascii: "\"")
            && field.hasBytes(of: isWeak ? "W/\"" : "\"", at: 0) && field.hasBytes(of: opaqueTag, at: start)
    }
}
