/// The value of If-Match or If-None-Match: `*`, or a list of entity tags (RFC 9110 section 13.1).
///
/// The condition keeps the field value and parses it on each comparison. A comparison allocates nothing.
public struct EntityTagCondition: Sendable, Hashable {
    /// The meaning of an asterisk that is not the whole value.
    public enum Asterisk: Sendable, Hashable {
        /// A tag of one character. Only `*` alone means any representation (RFC 9110 section 13.1.1).
        case alone
        /// Any representation, even in a list or in quotes, as in drf-extensions.
        case anywhere
    }

    private let field: String
    private let asterisk: Asterisk

    /// Creates a condition from a field value, with repeated lines joined by commas.
    ///
    /// Commas and spaces inside a tag belong to the tag. Tags without quotes are accepted, because clients of drf-extensions send them
    /// (`If-None-Match: abc`). Malformed members are skipped.
    ///
    /// - Parameters:
    ///   - field: The value.
    ///   - asterisk: The meaning of an asterisk that is not the whole value.
    public init(_ field: String, asterisk: Asterisk = .alone) {
        var field = field
        field.makeContiguousUTF8()
        self.field = field
        self.asterisk = asterisk
    }

    /// Whether the condition is `*`: any representation. O(length of the value).
    public var isAny: Bool {
        withBytes { bytes in
            var scanner = EntityTagScanner(bytes)
            var count = 0
            var asterisks = 0
            while let member = scanner.next() {
                count += 1
                if isAsterisk(member, in: bytes) { asterisks += 1 }
            }
            return asterisks > 0 && (asterisk == .anywhere || count == 1)
        }
    }

    /// The tags of the list; empty when the condition is ``isAny`` or the value has no valid tag. O(length of the value).
    public var tags: [EntityTag] {
        guard !isAny else { return [] }
        return withBytes { bytes in
            var scanner = EntityTagScanner(bytes)
            var tags: [EntityTag] = []
            while let member = scanner.next() {
                if member.kind != .malformed { tags.append(EntityTag(member, in: bytes)) }
            }
            return tags
        }
    }

    /// Whether a tag matches by strong comparison, which never matches weak tags. O(length of the value).
    public func matchesStrongly(_ tag: EntityTag) -> Bool {
        matches(tag.isWeak ? nil : tag.opaqueTag, weakly: false)
    }

    /// Whether a tag matches by weak comparison. O(length of the value).
    public func matchesWeakly(_ tag: EntityTag) -> Bool {
        matches(tag.opaqueTag, weakly: true)
    }

    private func matches(_ opaqueTag: String?, weakly: Bool) -> Bool {
        guard var opaqueTag else { return isAny }
        return withBytes { bytes in
            opaqueTag.withUTF8 { opaqueTag in
                var scanner = EntityTagScanner(bytes)
                var count = 0
                var isAny = false
                while let member = scanner.next() {
                    count += 1
                    if isAsterisk(member, in: bytes) {
                        isAny = true
                        // In a list an asterisk is a tag; alone it matches any representation.
                        if asterisk == .anywhere || opaqueTag.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) {
                            return true
                        }
                    } else if member.kind != .malformed, weakly || member.kind != .weak,
                        member.text.count == opaqueTag.count, bytes[member.text].elementsEqual(opaqueTag)
                    {
                        return true
                    }
                }
                return isAny && count == 1
            }
        }
    }

    private func isAsterisk(_ member: EntityTagScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard member.text.count == 1, bytes[member.text.lowerBound] == UInt8(ascii: "*") else { return false }
        return member.kind == .unquoted || (asterisk == .anywhere && member.kind == .strong)
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // The initializer makes the text contiguous.
        field.utf8.withContiguousStorageIfAvailable(body)!
    }

    /// Whether both conditions have the same text and the same meaning of asterisks.
    public static func == (left: EntityTagCondition, right: EntityTagCondition) -> Bool {
        left.asterisk == right.asterisk && left.field.utf8.elementsEqual(right.field.utf8)
    }

    /// Hashes the text of the condition.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(asterisk)
        field.hashBytes(into: &hasher)
    }
}
