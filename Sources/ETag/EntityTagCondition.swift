/// The value of If-Match or If-None-Match: `*`, or a list of entity tags (RFC 9110 section 13.1).
public enum EntityTagCondition: Sendable, Hashable {
    /// `*`: any representation.
    case any
    /// These tags; possibly none, when the field held nothing that is one.
    case tags([EntityTag])

    /// Reads the value of a field, repeated lines joined by commas. O(length of the value).
    ///
    /// Commas and spaces inside a tag belong to the tag. Tags without quotes are read too, because clients of
    /// drf-extensions send them (`If-None-Match: abc`); what is neither is skipped.
    public init(_ field: String) {
        let bytes = field.utf8
        var tags: [EntityTag] = []
        var members = 0
        var foundAny = false
        var index = bytes.startIndex

        while index != bytes.endIndex {
            let byte = bytes[index]
            if Self.isSeparator(byte) {
                bytes.formIndex(after: &index)
                continue
            }
            members += 1
            let (tag, end) = Self.member(of: bytes, from: index)
            index = end
            if let tag {
                foundAny = foundAny || (tag.opaqueTag == "*" && byte == UInt8(ascii: "*"))
                tags.append(tag)
            }
        }
        self = foundAny && members == 1 ? .any : .tags(tags)
    }

    /// Whether the condition holds for a representation with this tag under the strong comparison.
    public func matchesStrongly(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { $0.matchesStrongly(tag) }
        }
    }

    /// Whether the condition holds for a representation with this tag under the weak comparison.
    public func matchesWeakly(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { $0.matchesWeakly(tag) }
        }
    }

    /// The member of the list that begins at `start`, and where it ends; no tag when it is malformed.
    private static func member(
        of bytes: String.UTF8View,
        from start: String.Index
    ) -> (tag: EntityTag?, end: String.Index) {
        var opening = start
        let isWeak = bytes[start...].starts(with: "W/\"".utf8)
        if isWeak { opening = bytes.index(start, offsetBy: 2) }
        guard bytes[opening] == UInt8(ascii: "\"") else {
            let end = bytes[start...].firstIndex(where: isSeparator) ?? bytes.endIndex
            return (EntityTag(String(Substring(bytes[start..<end]))), end)
        }
        let first = bytes.index(after: opening)
        guard let closing = bytes[first...].firstIndex(of: UInt8(ascii: "\"")) else { return (nil, bytes.endIndex) }
        // Spaces are no tag characters, but a tag that holds them is compared as it is rather than torn apart.
        let tag = EntityTag(unchecked: String(Substring(bytes[first..<closing])), isWeak: isWeak)
        return (tag, bytes.index(after: closing))
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
