import CacheMiddleware
import KeyConstructor
import NIOCore

/// The labels of an entry, which the server compares with the labels of purges.
///
/// A label is eight bytes of a digest. If the labels of two selections collide, a purge of either selects both, which costs a
/// regeneration and never serves a purged entry.
///
/// URLs are reduced to their path, and only the first segments of a path have prefix labels, as `PurgeSelection.prefix` documents. The
/// labels of an entry thus take linear time and bounded space for any request.
struct PurgeLabels {
    /// The number of labels.
    private(set) var count = 0
    /// The concatenated labels.
    private(set) var bytes = ByteBuffer()

    /// The size of a label in bytes.
    static let byteCount = 8

    /// The maximum number of labels of a stored entry. The server compares all of them after a purge.
    static let limit = 16_384

    /// Creates the labels of all selections that include an entry, except `everything`.
    ///
    /// - Complexity: O(*n*), where *n* is the length of the path and the tags.
    init(of entry: CacheEntry, under key: CacheKey) {
        append(Self.digest("k", key.description))
        for tag in entry.tags { append(Self.digest("t", tag)) }
        guard let path = entry.path, !path.isEmpty else { return }
        append(Self.digest("u", path))
        append(Self.digest("p", "/"))
        // One digest runs along the path; a copy of it is finalized at the end of each prefix.
        var digest = MD5()
        digest.update("p")
        var start = path.startIndex
        for prefix in path.purgePrefixes.dropFirst() {
            var piece = String(path[start..<prefix.endIndex])
            piece.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
            append(digest.finalize())
            start = prefix.endIndex
        }
    }

    /// Returns the label of a selection, which is empty for `everything`.
    ///
    /// - Complexity: O(*n*), where *n* is the length of the selection's text.
    static func label(of selection: PurgeSelection) -> ByteBuffer {
        let digest: CacheKey
        switch selection.normalized {
        case .key(let key): digest = Self.digest("k", key.description)
        case .tag(let tag): digest = Self.digest("t", tag)
        case .url(let path): digest = Self.digest("u", path)
        case .prefix(let path): digest = Self.digest("p", path)
        case .everything: return ByteBuffer()
        }
        return ByteBuffer(integer: digest.high)
    }

    private mutating func append(_ digest: CacheKey) {
        bytes.writeInteger(digest.high)
        count += 1
    }

    private static func digest(_ kind: StaticString, _ text: String) -> CacheKey {
        var digest = MD5()
        digest.update(kind)
        var text = text
        text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
        return digest.finalize()
    }
}

extension MD5 {
    fileprivate mutating func update(_ text: StaticString) {
        update(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
