/// A name in which an asterisk matches any characters, including none.
package struct NamePattern: Sendable, Hashable {
    private let parts: [String]

    /// Parses a pattern. A pattern without an asterisk matches itself.
    package init(_ pattern: String) {
        parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    }

    /// The pattern as text.
    package var text: String { parts.joined(separator: "*") }

    /// Returns whether the whole name matches. O(length of the name) for each part.
    func matches(_ name: String) -> Bool { matches(name[...].utf8) }

    /// Returns whether the whole name matches. O(length of the name) for each part.
    package func matches(_ name: Substring.UTF8View) -> Bool {
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return name.elementsEqual(parts[0].utf8)
        }
        var rest = name
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
