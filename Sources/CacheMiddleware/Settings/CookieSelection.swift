import KeyConstructor

/// A selection of cookies by their names.
///
/// ```swift
/// settings.credentialCookies = .named(["session", "auth_*"])
/// ```
///
/// An asterisk in a name matches any characters, including none. Names are case-sensitive, like those of cookies. A name that is
/// not a token (RFC 6265 section 4.1.1), for example one with a space or an equals sign, stops the program.
public struct CookieSelection: Sendable, Hashable {
    private let patterns: [NamePattern]
    /// Whether the selection consists of the cookies that no pattern matches.
    private let isInverted: Bool

    private init(_ patterns: [String], isInverted: Bool) {
        self.patterns = patterns.map(NamePattern.init)
        self.isInverted = isInverted
    }

    /// All cookies.
    public static let all = CookieSelection([], isInverted: true)

    /// No cookie.
    public static let none = CookieSelection([], isInverted: false)

    /// Returns the selection of the cookies with these names.
    ///
    /// - Parameter patterns: Names, and patterns such as `auth_*`.
    /// - Returns: The selection.
    public static func named(_ patterns: [String]) -> CookieSelection {
        CookieSelection(checked(patterns), isInverted: false)
    }

    /// Returns the selection of all cookies without those with these names.
    ///
    /// - Parameter patterns: Names, and patterns such as `_ga*`.
    /// - Returns: The selection.
    public static func allExcept(_ patterns: [String]) -> CookieSelection {
        CookieSelection(checked(patterns), isInverted: true)
    }

    /// Returns whether the selection contains the cookie with a name. O(length of the name) for each pattern.
    public func contains(_ name: String) -> Bool { contains(name[...].utf8) }

    /// Returns whether the selection contains the cookie with a name. O(length of the name) for each pattern.
    func contains(_ name: Substring.UTF8View) -> Bool {
        patterns.contains { $0.matches(name) } != isInverted
    }

    private static func checked(_ patterns: [String]) -> [String] {
        if let pattern = patterns.first(where: { !isPattern($0) }) {
            // A failed precondition prints no message in a release build.
            fatalError("'\(pattern)' is neither the name of a cookie nor a pattern such as 'auth_*'")
        }
        return patterns
    }

    private static func isPattern(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { CookieName.isCharacter($0) }
    }
}

// MARK: - As words

extension CookieSelection {
    /// Creates a selection from the words of a setting: `all`, `none`, patterns, or patterns that all begin with an exclamation
    /// mark, which selects all other cookies.
    ///
    /// - Returns: nil for anything else, for example no words.
    package init?(words: [String]) {
        switch words {
        case []: return nil
        case ["all"]: self = .all
        case ["none"]: self = .none
        default:
            let isInverted = words[0].hasPrefix("!")
            guard words.allSatisfy({ $0.hasPrefix("!") == isInverted }) else { return nil }
            let patterns = isInverted ? words.map { String($0.dropFirst()) } : words
            guard patterns.allSatisfy(Self.isPattern) else { return nil }
            self.init(patterns, isInverted: isInverted)
        }
    }

    /// The words of a setting with this selection.
    package var words: [String] {
        guard !patterns.isEmpty else { return [isInverted ? "all" : "none"] }
        return patterns.map { (isInverted ? "!" : "") + $0.text }
    }
}
