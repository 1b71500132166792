import CacheMiddleware
import KeyConstructor
import NIOCore

/// The labels under which the server keeps purges, and by which it finds out that an entry is purged.
///
/// A label is eight bytes of a digest. When two selections have the same label, a purge of either selects both, which costs one run
/// of a handler and is never wrong.
///
/// URLs count by their path: a query has no labels. Of a path the first segments alone have labels of a prefix, as
/// `PurgeSelection.prefix` says. So the labels of an entry take linear time and few bytes,
/// whatever a client requests.
struct PurgeLabels {
    /// The number of labels.
    private(set) var count = 0
    /// The labels, one after the other.
    private(set) var bytes = ByteBuffer()

    /// The number of bytes of each label.
    static let byteCount = 8

    /// The number of labels of an entry beyond which it is not stored: the server compares all of them after a purge.
    static let limit = 16_384

    /// The labels of all selections that select an entry, except that of everything.
    ///
    /// - Complexity: O(length of the URL and of the tags).
    init(of entry: CacheEntry, under key: CacheKey) {
        append(Self.digest("k", key.description))
        for tag in entry.tags { append(Self.digest("t", tag)) }
        guard let path = entry.path, !path.isEmpty else { return }
        append(Self.digest("u", path))
        append(Self.digest("p", "/"))
        // One digest runs along the path, and a copy of it is finished at the end of each prefix.
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

    /// The label of a selection, or nothing for everything, which needs none.
    ///
    /// - Complexity: O(length of the text).
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
