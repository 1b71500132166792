/// An entity tag: the name of one representation of a resource (RFC 9110 section 8.8.3).
///
/// Two representations with the same strong tag have the same bytes; with the same weak tag they mean the same.
public struct EntityTag: Sendable, Hashable {
    /// The text between the quotes.
    public let opaqueTag: String

    /// Whether the tag is weak, written `W/"..."`.
    public let isWeak: Bool

    /// Creates a tag, or returns nil when the text holds a character that a tag cannot hold: a control character, a
    /// space, a double quote or DEL.
    public init?(_ opaqueTag: String, isWeak: Bool = false) {
        guard opaqueTag.utf8.allSatisfy(Self.isTagCharacter) else { return nil }
        self.opaqueTag = opaqueTag
        self.isWeak = isWeak
    }

    /// Reads the value of an ETag field, `"abc"` or `W/"abc"`, or returns nil for anything else.
    ///
    /// A tag with spaces, which the grammar before RFC 7232 allowed, is read and compared as it is.
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

    /// Creates a tag from a text that is one already, with something added or taken away.
    package init(unchecked opaqueTag: String, isWeak: Bool) {
        self.opaqueTag = opaqueTag
        self.isWeak = isWeak
    }

    /// Creates the tag of a member of a list.
    init(_ member: EntityTagScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) {
        self.opaqueTag = String(decoding: UnsafeBufferPointer(rebasing: bytes[member.text]), as: UTF8.self)
        self.isWeak = member.kind == .weak
    }

    /// Whether both tags are strong and have the same text (RFC 9110 section 8.8.3.2). If-Match compares so.
    public func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaqueTag.utf8.elementsEqual(other.opaqueTag.utf8)
    }

    /// Whether both tags have the same text, strong or weak (RFC 9110 section 8.8.3.2). If-None-Match compares so.
    public func matchesWeakly(_ other: EntityTag) -> Bool {
        opaqueTag.utf8.elementsEqual(other.opaqueTag.utf8)
    }

    /// Whether both are weak or both strong, and have the same text, byte for byte.
    public static func == (left: EntityTag, right: EntityTag) -> Bool {
        left.isWeak == right.isWeak && left.matchesWeakly(right)
    }

    /// Hashes the tag.
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
    /// The tag as a header field has it: `"abc"` or `W/"abc"`.
    public var description: String {
        isWeak ? "W/\"\(opaqueTag)\"" : "\"\(opaqueTag)\""
    }

    /// Whether a field is the description of the tag, which is not made for that.
    package func isWritten(as field: String) -> Bool {
        let start = isWeak ? 3 : 1
        return field.utf8.count == start + opaqueTag.utf8.count + 1 && field.utf8.last == UInt8(ascii: "\"")
            && field.hasBytes(of: isWeak ? "W/\"" : "\"", at: 0) && field.hasBytes(of: opaqueTag, at: start)
    }
}
