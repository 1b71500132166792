import ETag

/// How the entity tag of a compressed answer differs from the tag of the same answer without compression.
///
/// The bytes differ, so a strong tag must (RFC 9110 section 8.8.3.3). A weak tag stays as it is: it promises no bytes.
public struct VariantTag: Sendable, Hashable {
    private let suffix: String?
    private let isWeak: Bool

    private init(suffix: String?, isWeak: Bool) {
        self.suffix = suffix
        self.isWeak = isWeak
    }

    /// `"abc"` becomes `"abc;gzip"`; the default.
    public static let semicolon = VariantTag(suffix: ";gzip", isWeak: false)

    /// `"abc"` becomes `"abc-gzip"`.
    public static let hyphen = VariantTag(suffix: "-gzip", isWeak: false)

    /// `"abc"` becomes `W/"abc"`. If-Match never matches a weak tag, so clients that take gzip cannot make conditional updates.
    public static let weak = VariantTag(suffix: nil, isWeak: true)

    /// The same tags, weak: of answers whose bytes are never twice the same.
    var weakened: VariantTag { VariantTag(suffix: suffix, isWeak: true) }

    /// The tag of the compressed answer.
    func variant(of tag: EntityTag) -> EntityTag {
        guard !tag.isWeak else { return tag }
        return EntityTag(unchecked: tag.opaqueTag + (suffix ?? ""), isWeak: isWeak)
    }

    /// The value of the compressed answer's ETag field; what is no tag stays as it is.
    func variant(ofField field: String) -> String {
        EntityTag(field: field).map { variant(of: $0).description } ?? field
    }

    /// The value of If-Match or If-None-Match as it is compared further in: with the tag of each listed variant's original
    /// added. nil when it lists no variant.
    ///
    /// The variant itself stays: it may be the tag of a handler that compresses itself.
    func addingOriginals(to field: String) -> String? {
        let originals = originals(in: field)
        // In front: a quote in the client's text that does not close would swallow what follows.
        return originals.isEmpty ? nil : (originals + [field]).joined(separator: ", ")
    }

    /// The tags of the originals of the listed variants alone.
    func originals(in field: String) -> [String] {
        guard let suffix else { return [] }
        return EntityTagCondition(field).tags.compactMap { original(of: $0, suffix: suffix)?.description }
    }

    /// Whether a tag is one of a compressed answer.
    func isVariant(_ tag: EntityTag) -> Bool {
        suffix.map { original(of: tag, suffix: $0) != nil } ?? false
    }

    private func original(of tag: EntityTag, suffix: String) -> EntityTag? {
        let text = tag.opaqueTag.utf8
        guard text.count > suffix.utf8.count, text.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else {
            return nil
        }
        return EntityTag(
            unchecked: String(Substring(text.dropLast(suffix.utf8.count))), isWeak: tag.isWeak
        )
    }
}
