/// A name in which an asterisk matches any characters, including none.
struct NamePattern: Sendable, Hashable {
    private let parts: [String]

    init(_ pattern: String) {
        parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    }

    /// Returns whether the whole name matches. O(length of the name) for each part.
    func matches(_ name: String) -> Bool {
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return name.utf8.elementsEqual(parts[0].utf8)
        }
        var rest = name.utf8[...]
        guard rest.starts(with: first.utf8), rest.count >= first.utf8.count + last.utf8.count else { return false }
        rest = rest.dropFirst(first.utf8.count)
        guard rest.suffix(last.utf8.count).elementsEqual(last.utf8) else { return false }
        rest = rest.dropLast(last.utf8.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            // The earliest match leaves the longest rest for the following parts.
            guard let start = rest.indices.first(where: { rest[$0...].starts(with: part.utf8) }) else { return false }
            rest = rest[rest.index(start, offsetBy: part.utf8.count)...]
        }
        return true
    }
}
