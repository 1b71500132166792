/// Everything that is wrong with settings that were loaded, in one error.
///
/// Its description is for the person who wrote them:
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

        /// Line and column, separated by a colon.
        public var description: String { "\(line):\(column)" }

        /// Whether a position is before another one.
        public static func < (left: Position, right: Position) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The setting as it was written: an environment variable, or the path of a JSON member; nil for a problem of the file's
        /// syntax or of the file as a whole.
        public let name: String?

        /// The file that has the problem; nil is the environment.
        public let file: String?

        /// The position in the file; nil for the environment and for a file that cannot be read.
        public let position: Position?

        /// The value as it was written, if it is what is wrong.
        public let value: String?

        /// What is wrong, without the place.
        public let message: String

        /// File, line, column and message, as compilers write them, without a full stop.
        public var description: String {
            guard let file else { return message }
            return "\(file):\(position.map { "\($0):" } ?? "") \(message)"
        }
    }

    /// What is wrong: first in the file, in its order, then in the environment, by name.
    public let problems: [Problem]

    /// All problems, each on a line.
    public var description: String {
        (["invalid settings:"] + problems.map { "- \($0.description)" }).joined(separator: "\n")
    }
}

extension SettingsError.Problem {
    /// A place that a problem has: the environment, or a file and a position in it.
    typealias Place = (file: String, position: SettingsError.Position)

    /// A name that is not the name of a setting.
    static func unknown(_ name: String, at place: Place? = nil, suggestion: String?) -> Self {
        // A member has a long path, and may have any name; a variable is one word.
        func quoted(_ name: String) -> String { place == nil ? name : "\"\(name)\"" }
        let hint = suggestion.map { "; did you mean \(quoted($0))?" } ?? ""
        return Self(
            name: name, file: place?.file, position: place?.position, value: nil,
            message: "unknown setting \(quoted(shortened(name)))\(hint)"
        )
    }

    /// A value that a setting cannot have.
    static func malformed(_ name: String, at place: Place? = nil, value: String, expectation: String) -> Self {
        Self(
            name: name, file: place?.file, position: place?.position, value: value,
            message: "\(shortened(name)) is \(shortened(value)); expected \(expectation)"
        )
    }

    /// A member with the name of an earlier one.
    static func duplicate(_ name: String, at place: Place, first: SettingsError.Position) -> Self {
        Self(
            name: name, file: place.file, position: place.position, value: nil,
            message: "duplicate member \"\(shortened(name))\"; the first one is at \(first)"
        )
    }

    /// A violation of JSON's syntax.
    static func syntax(_ message: String, at place: Place) -> Self {
        Self(name: nil, file: place.file, position: place.position, value: nil, message: message)
    }

    /// A file that cannot be read.
    static func unreadable(_ file: String, because reason: String) -> Self {
        Self(name: nil, file: file, position: nil, value: nil, message: reason)
    }

    /// The order of the problems of one source: by position in a file, by name in the environment.
    static func isBefore(_ left: Self, _ right: Self) -> Bool {
        if let left = left.position, let right = right.position, left != right { return left < right }
        return (left.name ?? "") < (right.name ?? "")
    }

    /// A text of any length for a message.
    private static func shortened(_ text: String) -> String {
        text.unicodeScalars.count > 120 ? "\(text.prefix(77))..." : text
    }
}
