import ETag

/// The difference between the entity tags of a compressed response and of the same response without compression.
///
/// The bytes differ, so a strong tag must differ too (RFC 9110 section 8.8.3.3). A weak tag does not change, because it
/// does not identify bytes.
public struct VariantTag: Sendable, Hashable {
    private let suffix: String?
    private let isWeak: Bool

    private init(suffix: String?, isWeak: Bool) {
        self.suffix = suffix
        self.isWeak = isWeak
    }

    /// The suffix `;gzip`: `"abc"` becomes `"abc;gzip"`. This is the default.
    public static let semicolon = VariantTag(suffix: ";gzip", isWeak: false)

    /// The suffix `-gzip`: `"abc"` becomes `"abc-gzip"`.
    public static let hyphen = VariantTag(suffix: "-gzip", isWeak: false)

    /// A weak tag: `"abc"` becomes `W/"abc"`. If-Match never matches a weak tag, so clients that accept gzip cannot
    /// make conditional updates.
    public static let weak = VariantTag(suffix: nil, isWeak: true)

    /// The same tags as weak ones, for responses whose bytes differ each time.
    var weakened: VariantTag { VariantTag(suffix: suffix, isWeak: true) }

    /// Returns the tag of the compressed response.
    func variant(of tag: EntityTag) -> EntityTag {
        guard !tag.isWeak else { return tag }
        return EntityTag(unchecked: tag.opaqueTag + (suffix ?? ""), isWeak: isWeak)
    }

    /// Returns the value of the compressed response's ETag field. A value that is not a tag does not change.
    func variant(ofField field: String) -> String {
        EntityTag(field: field).map { variant(of: $0).description } ?? field
    }

    /// Returns the value of If-Match or If-None-Match for the comparison by inner middleware, with the tags of the
    /// uncompressed responses for the listed variants added; nil if the value lists no variant.
    ///
    /// The variant's tag remains in the list, because it may be the tag of a handler that compresses responses itself.
    func addingOriginals(to field: String) -> String? {
        let originals = originals(in: field)
        // The added tags come first, because an unclosed quote in the client's text would swallow anything after it.
        return originals.isEmpty ? nil : (originals + [field]).joined(separator: ", ")
    }

    /// Returns only the tags of the uncompressed responses for the listed variants.
    func originals(in field: String) -> [String] {
        guard let suffix else { return [] }
        return EntityTagCondition(field).tags.compactMap { original(of: $0, suffix: suffix)?.description }
    }

    /// Returns whether a tag belongs to a compressed response.
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
