import HTTPPipeline
public import KeyConstructor

/// The entries that a purge selects.
public enum PurgeSelection: Sendable {
    /// The entry under a key.
    case key(CacheKey)

    /// The entries with a tag.
    case tag(String)

    /// The entries of a URL in all their variants: queries, formats, languages, users, hosts.
    ///
    /// Only the path of the URL counts, normalized by ``CacheEntry/normalizedPath(_:)``: `/cities?page=2` selects the same entries
    /// as `/cities`. A key need not contain the query, so an entry may answer requests with other queries than the one it was
    /// stored for. The empty URL selects nothing.
    case url(String)

    /// The entries of a path and of all paths below it, regardless of their queries: `/cities` selects `/cities`, `/cities?page=2`
    /// and `/cities/2950159`, but not `/citiesquare`.
    ///
    /// `/` selects every entry that has a path. The empty prefix selects nothing, so that an unset variable does not purge
    /// everything. Only the first 32 segments of a longer path count, so such a prefix selects more entries.
    case prefix(String)

    /// Every entry.
    case everything

    /// Returns whether an entry is selected.
    ///
    /// Stores without an index use it, with a ``normalized`` selection. Tags and paths are equal if their bytes are.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    /// - Returns: Whether it is selected.
    /// - Complexity: O(length of the entry's tags and path).
    public func selects(_ entry: CacheEntry, under key: CacheKey) -> Bool {
        switch self {
        case .key(let selected): selected == key
        case .tag(let tag): entry.tags.contains { $0.hasBytes(of: tag) }
        case .url(let path): !path.isEmpty && entry.path?.hasBytes(of: path) == true
        case .prefix(let path): entry.path.map { $0.isPath(atOrBelow: path) } ?? false
        case .everything: true
        }
    }

    /// The same selection with its URL or path in the form of ``CacheEntry/path``.
    public var normalized: PurgeSelection {
        switch self {
        case .url(let url): .url(CacheEntry.normalizedPath(url))
        case .prefix(let path):
            // A query without a path also results from an unset variable.
            .prefix(path.utf8.first == UInt8(ascii: "?") ? "" : CacheEntry.normalizedPath(path).firstSegments)
        case .key, .tag, .everything: self
        }
    }

    /// Whether the selection matches no entry, whatever the store contains.
    package var isEmpty: Bool {
        switch self {
        case .url(let path), .prefix(let path): path.isEmpty
        case .key, .tag, .everything: false
        }
    }
}

extension PurgeSelection: Hashable {
    // Compared by bytes: hashing a `String` under canonical equivalence can take more than linear time, and clients choose the
    // text.
    /// Returns whether both select the same entries by the same means.
    public static func == (left: PurgeSelection, right: PurgeSelection) -> Bool {
        switch (left, right) {
        case (.key(let left), .key(let right)): left == right
        case (.tag(let left), .tag(let right)), (.url(let left), .url(let right)),
            (.prefix(let left), .prefix(let right)):
            left.hasBytes(of: right)
        case (.everything, .everything): true
        default: false
        }
    }

    /// Hashes the selection.
    ///
    /// - Complexity: O(length).
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .key(let key):
            hasher.combine(0 as UInt8)
            hasher.combine(key)
        case .tag(let tag):
            hasher.combine(1 as UInt8)
            tag.hashBytes(into: &hasher)
        case .url(let path):
            hasher.combine(2 as UInt8)
            path.hashBytes(into: &hasher)
        case .prefix(let path):
            hasher.combine(3 as UInt8)
            path.hashBytes(into: &hasher)
        case .everything: hasher.combine(4 as UInt8)
        }
    }
}

extension PurgeSelection: CustomStringConvertible {
    /// A readable form for logs.
    public var description: String {
        switch self {
        case .key(let key): "key \(key)"
        case .tag(let tag): "tag \(tag)"
        case .url(let url): "URL \(url)"
        case .prefix(let path): "URLs below \(path)"
        case .everything: "everything"
        }
    }
}

/// The effect of a purge on the entries it selects.
public enum PurgeMode: Sendable, Hashable {
    /// The entries are removed.
    case hard
    /// The entries become stale: they are served only where the cache may serve stale responses, until new responses replace them.
    case soft
}
