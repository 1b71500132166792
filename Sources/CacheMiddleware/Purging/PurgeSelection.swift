public import KeyConstructor

/// The entries that a purge is for.
public enum PurgeSelection: Sendable, Hashable {
    /// The entry under a key.
    case key(CacheKey)

    /// The entries with a tag.
    case tag(String)

    /// The entries of a URL, in all their variants: formats, languages, users, hosts.
    ///
    /// It is the path with its query, if it has one: `/cities/2950159`, `/cities?page=2`. How it is spelled does not count:
    /// empty segments and percent-encoding.
    case url(String)

    /// The entries of all URLs below a path, and of the path itself, with whatever query: `/cities` selects `/cities`,
    /// `/cities?page=2` and `/cities/2950159`, and not `/citiesquare`. `/` selects every entry that has a URL.
    case prefix(String)

    /// Every entry.
    case everything

    /// Whether an entry is selected.
    ///
    /// Stores that keep no index use it. Spell selections by ``normalized`` first.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    /// - Returns: Whether it is selected.
    public func selects(_ entry: CacheEntry, under key: CacheKey) -> Bool {
        switch self {
        case .key(let selected): selected == key
        case .tag(let tag): entry.tags.contains(tag)
        case .url(let url): entry.path == url
        case .prefix(let path): entry.path.map { Self.isBelow($0, path) } ?? false
        case .everything: true
        }
    }

    /// The same selection with its URL or path as ``CacheEntry/path`` spells it.
    public var normalized: PurgeSelection {
        switch self {
        case .url(let url): .url(CacheEntry.normalizedPath(url))
        case .prefix(let path): .prefix(CacheEntry.normalizedPath(path))
        case .key, .tag, .everything: self
        }
    }

    private static func isBelow(_ url: String, _ path: String) -> Bool {
        guard path != "/" else { return true }
        guard url.utf8.starts(with: path.utf8) else { return false }
        guard let next = url.utf8.dropFirst(path.utf8.count).first else { return true }
        return next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }
}

extension PurgeSelection: CustomStringConvertible {
    /// The selection as a person reads it in a log.
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
