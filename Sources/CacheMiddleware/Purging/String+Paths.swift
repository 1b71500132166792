import HTTPPipeline

// Paths in the form that `CacheEntry.normalizedPath` returns.
extension String {
    /// The maximum number of path segments that count for a selection by prefix. Clients choose the number of segments of a path,
    /// and each parent path takes one look-up.
    package static let prefixSegmentLimit = 32

    /// The path of the first segments, up to the number that counts for a purge by prefix.
    ///
    /// - Complexity: O(length).
    var firstSegments: String {
        guard let end = segmentEnds.dropFirst(Self.prefixSegmentLimit - 1).first else { return self }
        return String(self[..<end])
    }

    /// The prefixes by which a purge can select the path: the path itself, the paths of its first segments, and `/`.
    ///
    /// The array is empty for an empty path.
    package var purgePrefixes: [Substring] {
        isEmpty ? [] : ["/"] + segmentEnds.prefix(Self.prefixSegmentLimit).map { self[..<$0] }
    }

    /// Returns whether the path is equal to another path or below it.
    ///
    /// - Complexity: O(length of the other path).
    func isPath(atOrBelow other: String) -> Bool {
        guard !isEmpty, !other.isEmpty else { return false }
        guard !other.hasBytes(of: "/") else { return true }
        guard utf8.starts(with: other.utf8) else { return false }
        let next = utf8.dropFirst(other.utf8.count).first
        return next == nil || next == UInt8(ascii: "/")
    }

    /// The ends of the path's segments, at most one more than count for a purge by prefix.
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
