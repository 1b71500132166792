import CacheMiddleware
import KeyConstructor
import NIOCore

/// The names under which purges are written down in the server, and by which entries are found out to be purged.
///
/// A name is eight bytes of a digest. When two things have the same one, a purge of either selects both, which costs a run of a
/// handler and is never wrong.
struct PurgeLabels {
    /// How many there are.
    private(set) var count = 0
    /// One after the other.
    private(set) var bytes = ByteBuffer()

    /// The number of bytes of each.
    static let byteCount = 8

    /// The names of all selections that select an entry, except that of everything.
    init(of entry: CacheEntry, under key: CacheKey) {
        append(Self.text(of: .key(key)))
        for tag in entry.tags { append(Self.text(of: .tag(tag))) }
        guard let url = entry.path else { return }
        append(Self.text(of: .url(url)))
        append(Self.text(of: .prefix("/")))
        if url != "/" { append(Self.text(of: .prefix(url))) }
        // Every path above: what a purge by prefix may name.
        for index in url.utf8.indices.dropFirst() where Self.separators.contains(url.utf8[index]) {
            append(Self.text(of: .prefix(String(url[..<index]))))
        }
    }

    /// The name of a selection, or nothing for everything, which needs none.
    static func label(of selection: PurgeSelection) -> ByteBuffer {
        guard selection != .everything else { return ByteBuffer() }
        return ByteBuffer(integer: CacheKey(digestOf: text(of: selection)).high)
    }

    private static let separators: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "?")]

    private mutating func append(_ text: String) {
        bytes.writeInteger(CacheKey(digestOf: text).high)
        count += 1
    }

    private static func text(of selection: PurgeSelection) -> String {
        switch selection {
        case .key(let key): "k\(key)"
        case .tag(let tag): "t\(tag)"
        case .url(let url): "u\(url)"
        case .prefix(let path): "p\(path)"
        case .everything: "*"
        }
    }
}
