/// What is wrong with settings that were loaded: all of it at once.
///
/// Its description is for the person who wrote them:
///
/// ```
/// the settings cannot be used:
/// - responseCache.cache.shareing in settings.json is no setting; did you mean responseCache.cache.sharing?
/// - RESPONSE_CACHE_CACHE_TIMEOUT is "15m", but has to be a number of seconds from 0 to 3153600000, "forever" or "never"
/// ```
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The setting as it was written: an environment variable, or the path of a JSON member; nil where a file is wrong as a
        /// whole.
        public let name: String?

        /// The file it stands in; nil is the environment.
        public let file: String?

        /// The value as it was written, where it is what is wrong.
        public let value: String?

        /// The whole of it as a sentence without its full stop.
        public let description: String
    }

    /// What is wrong: first in the file, then in the environment, by name.
    public let problems: [Problem]

    /// All problems, each on a line.
    public var description: String {
        (["the settings cannot be used:"] + problems.map { "- \($0.description)" }).joined(separator: "\n")
    }
}

extension SettingsError.Problem {
    /// A name that no setting has.
    static func unknown(_ name: String, in file: String?, suggestion: String?) -> Self {
        let hint = suggestion.map { "; did you mean \($0)?" } ?? ""
        return Self(name: name, file: file, value: nil, description: "\(place(name, file)) is no setting\(hint)")
    }

    /// A value that a setting cannot have.
    static func malformed(_ name: String, in file: String?, value: String, expectation: String) -> Self {
        // Somebody may have put a whole document there.
        let shown = value.count > 80 ? "\(value.prefix(77))..." : value
        return Self(
            name: name, file: file, value: value,
            description: "\(place(name, file)) is \(shown), but has to be \(expectation)"
        )
    }

    /// A file of which nothing can be used.
    static func unusable(_ file: String, because reason: String) -> Self {
        Self(name: nil, file: file, value: nil, description: "\(file) \(reason)")
    }

    private static func place(_ name: String, _ file: String?) -> String {
        file.map { "\(name) in \($0)" } ?? name
    }
}
