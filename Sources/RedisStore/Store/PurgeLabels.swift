import CacheMiddleware
import KeyConstructor
import NIOCore

/// The labels under which the server keeps purges, and by which it finds out that an entry is purged.
///
/// A label is eight bytes of a digest. When two selections have the same label, a purge of either selects both, which costs one run
/// of a handler and is never wrong.
///
/// URLs count by their path: a query has no labels. Of a path, ``segmentLimit`` segments have labels of a prefix; what lies deeper is
/// purged by the prefix of that length, which selects more and never less. So the labels of an entry take linear time and few bytes,
/// whatever a client requests.
struct PurgeLabels {
    /// The number of labels.
    private(set) var count = 0
    /// The labels, one after the other.
    private(set) var bytes = ByteBuffer()

    /// The number of bytes of each label.
    static let byteCount = 8

    /// The number of segments of a path that have labels of a prefix.
    static let segmentLimit = 32

    /// The number of labels of an entry beyond which it is not stored: the server compares all of them after a purge.
    static let limit = 16_384

    /// The labels of all selections that select an entry, except that of everything.
    ///
    /// - Complexity: O(length of the URL and of the tags).
    init(of entry: CacheEntry, under key: CacheKey) {
        append(Self.digest("k", key.description))
        for tag in entry.tags { append(Self.digest("t", tag)) }
        guard let url = entry.path else { return }
        var path = Self.path(of: url)
        append(Self.digest("u", path))
        append(Self.digest("p", "/"))
        path.withUTF8 { bytes in
            // One digest runs along the path, and a copy of it is finished at the end of each segment.
            var digest = MD5()
            digest.update("p")
            var start = 0
            for end in Self.segmentEnds(of: bytes) {
                digest.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<end]))
                append(digest.finalize())
                start = end
            }
        }
    }

    /// The label of a selection, or nothing for everything, which needs none.
    ///
    /// - Complexity: O(length of the text).
    static func label(of selection: PurgeSelection) -> ByteBuffer {
        let digest: CacheKey
        switch selection {
        case .key(let key): digest = Self.digest("k", key.description)
        case .tag(let tag): digest = Self.digest("t", tag)
        case .url(let url): digest = Self.digest("u", path(of: url))
        case .prefix(let prefix):
            var path = path(of: prefix)
            let end = path.withUTF8 { segmentEnds(of: $0).last ?? 0 }
            digest = Self.digest("p", end == 0 ? "/" : String(path.utf8.prefix(end)) ?? path)
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

    /// A URL without its query. A `?` in a path is percent-encoded, so the first one begins the query.
    private static func path(of url: String) -> String {
        guard let query = url.utf8.firstIndex(of: UInt8(ascii: "?")) else { return url }
        return String(url[..<query])
    }

    /// Where the first segments of a path end: at most ``segmentLimit`` numbers.
    private static func segmentEnds(of path: UnsafeBufferPointer<UInt8>) -> [Int] {
        var ends: [Int] = []
        for index in path.indices.dropFirst() where path[index] == UInt8(ascii: "/") {
            ends.append(index)
            if ends.count == segmentLimit { return ends }
        }
        if path.count > 1 { ends.append(path.count) }
        return ends
    }
}

extension MD5 {
    fileprivate mutating func update(_ text: StaticString) {
        update(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
