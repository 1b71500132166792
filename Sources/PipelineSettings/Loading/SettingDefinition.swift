import Configuration

/// A setting: its name, and the effect of its value on ``Settings``.
struct SettingDefinition: Sendable {
    /// A function that applies a value to settings.
    typealias Edit = @Sendable (inout Settings) -> Void

    /// The path of JSON member names to the setting.
    let path: [String]

    /// The forms of JSON values that the setting accepts.
    let form: Set<JSONNode.Kind>

    /// A description of valid values that completes a sentence.
    let expectation: @Sendable (LoadingContext) -> String

    /// Whether the value must not be shown.
    var isSecret = false

    private let reading: @Sendable (ConfigReader, ConfigKey, LoadingContext) throws -> Edit

    init(
        _ path: [String],
        form: Set<JSONNode.Kind>,
        expectation: @escaping @Sendable (LoadingContext) -> String,
        read: @escaping @Sendable (ConfigReader, ConfigKey, LoadingContext) throws -> Edit
    ) {
        self.path = path
        self.form = form
        self.expectation = expectation
        self.reading = read
    }

    /// Whether the setting replaces all others.
    var isPreset: Bool { path == ["preset"] }

    /// Returns a function that applies the value in a source.
    ///
    /// - Throws: Any error, if the value is not valid.
    func read(_ reader: ConfigReader, _ context: LoadingContext) throws -> Edit {
        try reading(reader, ConfigKey(path), context)
    }

    /// The error for a value that is not valid.
    struct Unexpected: Error {}
}

extension SettingDefinition {
    /// Returns the setting at a path, or nil if there is none.
    static func at(_ path: [String]) -> SettingDefinition? {
        if path.count == statusLifetimes.count + 1, path.starts(with: statusLifetimes) {
            return .statusLifetime(path[statusLifetimes.count])
        }
        return all.first { $0.path == path }
    }

    /// Returns whether there are settings below a path.
    static func isGroup(_ path: [String]) -> Bool {
        path == statusLifetimes || all.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }

    /// Returns whether a group has a setting whose value is a secret.
    static func hasSecret(in group: [String]) -> Bool {
        !group.isEmpty && all.contains { $0.isSecret && $0.path.starts(with: group) }
    }

    /// The path of the lifetimes of single statuses, each under its number.
    static let statusLifetimes = ["cache", "statusLifetimes"]

    /// All settings except for the lifetimes of single statuses.
    static let all: [SettingDefinition] = general + deployment + cache + entityTags + keys
}
