/// All problems with loaded settings, in one error.
///
/// Its description is for the author of the settings:
///
/// ```
/// invalid settings:
/// - settings.json:4:7: unknown setting "responseCache.cache.shareing"; did you mean "responseCache.cache.sharing"?
/// - settings.json:9:5: trailing comma
/// - RESPONSE_CACHE_CACHE_LIFETIME is "15m"; expected a number of seconds from 0 to 3153600000, "forever" or "doNotStore"
/// ```
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A position in a file.
    public struct Position: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The line, from 1.
        public let line: Int

        /// The column, from 1, in Unicode scalars.
        public let column: Int

        /// The line and column, separated by a colon.
        public var description: String { "\(line):\(column)" }

        /// Returns whether a position is before another one.
        public static func < (left: Position, right: Position) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// A problem with the settings.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The setting as written: an environment variable, or the path of a JSON member; nil for a problem of the
        /// file's syntax or of the file as a whole.
        public let name: String?

        /// The file that has the problem; nil for the environment.
        public let file: String?

        /// The position in the file; nil for the environment and for a file that cannot be read.
        public let position: Position?

        /// The value as written, if the value is the problem and not a secret.
        public let value: String?

        /// A description of the problem, without the place.
        public let message: String

        /// The file, line, column and message in the format of compiler messages, without a period at the end.
        public var description: String {
            guard let file else { return message }
            return "\(file):\(position.map { "\($0):" } ?? "") \(message)"
        }
    }

    /// The problems: first those of the file, in its order, then those of the environment, by name.
    public let problems: [Problem]

    /// A list of all problems, with one line for each.
    public var description: String {
        (["invalid settings:"] + problems.map { "- \($0.description)" }).joined(separator: "\n")
    }
}

extension SettingsError.Problem {
    /// The place of a problem: the environment (nil), or a file and a position in it.
    typealias Place = (file: String, position: SettingsError.Position)

    /// Returns a problem with a name that is not the name of a setting.
    static func unknown(_ name: String, at place: Place? = nil, suggestion: String?) -> Self {
        // A member has a long path and may have any name, so it is quoted; a variable is one word.
        func quoted(_ name: String) -> String { place == nil ? name : "\"\(name)\"" }
        let hint = suggestion.map { "; did you mean \(quoted($0))?" } ?? ""
        return Self(
            name: name, file: place?.file, position: place?.position, value: nil,
            message: "unknown setting \(quoted(shortened(name)))\(hint)"
        )
    }

    /// Returns a problem with a value that is not valid for its setting. The value of a secret is nil.
    static func malformed(_ name: String, at place: Place? = nil, value: String?, expectation: String) -> Self {
        let found = value.map { "is \(shortened($0))" } ?? "is invalid (its value is a secret)"
        return Self(
            name: name, file: place?.file, position: place?.position, value: value,
            message: "\(shortened(name)) \(found); expected \(expectation)"
        )
    }

    /// Returns a problem with a member that has the name of an earlier one.
    static func duplicate(_ name: String, at place: Place, first: SettingsError.Position) -> Self {
        Self(
            name: name, file: place.file, position: place.position, value: nil,
            message: "duplicate member \"\(shortened(name))\"; the first one is at \(first)"
        )
    }

    /// Returns a problem with the JSON syntax.
    static func syntax(_ message: String, at place: Place) -> Self {
        Self(name: nil, file: place.file, position: place.position, value: nil, message: message)
    }

    /// Returns a problem with a file that cannot be read.
    static func unreadable(_ file: String, because reason: String) -> Self {
        Self(name: nil, file: file, position: nil, value: nil, message: reason)
    }

    /// Returns whether a problem precedes another of the same source: by position in a file, by name in the
    /// environment.
    static func isBefore(_ left: Self, _ right: Self) -> Bool {
        if let left = left.position, let right = right.position, left != right { return left < right }
        return (left.name ?? "") < (right.name ?? "")
    }

    /// Returns a text that is short enough for a message.
    private static func shortened(_ text: String) -> String {
        text.unicodeScalars.count > 120 ? "\(text.prefix(77))..." : text
    }
}
