import HTTPPipeline

// Paths as `CacheEntry.normalizedPath` makes them.
extension String {
    /// How many segments of a path count when entries are selected by prefix: a client chooses how many a path has, and the paths
    /// above it are looked up one by one.
    package static let prefixSegmentLimit = 32

    /// The path of the first segments, as many as count for a purge by prefix. O(length).
    var firstSegments: String {
        guard let end = segmentEnds.dropFirst(Self.prefixSegmentLimit - 1).first else { return self }
        return String(self[..<end])
    }

    /// The path itself and the paths above it which a purge by prefix may have: those of its first segments, and `/`.
    ///
    /// It is empty for an empty path.
    package var purgePrefixes: [Substring] {
        isEmpty ? [] : ["/"] + segmentEnds.prefix(Self.prefixSegmentLimit).map { self[..<$0] }
    }

    /// Whether the path is another one, or below it. O(length of the other).
    func isPath(atOrBelow other: String) -> Bool {
        guard !isEmpty, !other.isEmpty else { return false }
        guard !other.hasBytes(of: "/") else { return true }
        guard utf8.starts(with: other.utf8) else { return false }
        let next = utf8.dropFirst(other.utf8.count).first
        return next == nil || next == UInt8(ascii: "/")
    }

    /// Where the path's segments end, up to one more than count for a purge by prefix.
    private var segmentEnds: [Index] {
        var ends: [Index] = []
        var rest = utf8.dropFirst()
        while !rest.isEmpty, ends.count <= Self.prefixSegmentLimit {
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            ends.append(end)
            rest = rest[end...].dropFirst()
        }
        return ends
    }
}
