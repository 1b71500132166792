import Configuration

/// One setting: its name, and what its text does to ``Settings``.
struct SettingDefinition: Sendable {
    /// Does what a value says.
    typealias Edit = @Sendable (inout Settings) -> Void

    /// The names of JSON members that lead to the setting.
    let path: [String]

    /// What JSON may hold there.
    let form: Set<JSONNode.Kind>

    /// What a value has to be, as the end of a sentence.
    let expectation: @Sendable (LoadingContext) -> String

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

    /// What the value does that a source has for the setting.
    ///
    /// - Throws: Anything, when it is not what is expected.
    func read(_ reader: ConfigReader, _ context: LoadingContext) throws -> Edit {
        try reading(reader, ConfigKey(path), context)
    }

    /// A value is not what is expected.
    struct Unexpected: Error {}
}

extension SettingDefinition {
    /// The setting at a path, if there is one.
    static func at(_ path: [String]) -> SettingDefinition? {
        if path.count == statusLifetimes.count + 1, path.starts(with: statusLifetimes) {
            return .statusLifetime(path[statusLifetimes.count])
        }
        return all.first { $0.path == path }
    }

    /// Whether settings stand below a path.
    static func isGroup(_ path: [String]) -> Bool {
        path == statusLifetimes || all.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }

    /// Where the lifetimes of single statuses stand, each under its number.
    static let statusLifetimes = ["cache", "statusLifetimes"]

    /// Every setting but the lifetimes of single statuses.
    static let all: [SettingDefinition] = general + cache + entityTags + keys
}
