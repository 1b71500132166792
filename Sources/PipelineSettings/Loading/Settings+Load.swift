public import Configuration
public import KeyConstructor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Settings {
    /// Loads settings from environment variables and a JSON file with swift-configuration.
    ///
    /// A variable overrides a member of the file, and a member overrides `base`. The names are in
    /// <doc:LoadingSettings>. The setting `preset` replaces `base`, except for its build ID. Variables that begin with
    /// the prefix and are not settings are errors. So are unknown and duplicate members of the file's section, and
    /// values that are not valid for their setting. The whole file must be JSON (RFC 8259) of at most 1 MiB and 64
    /// levels; members outside of the section may have any values.
    ///
    /// Call it once, at the start of an application. It reads the file before it returns.
    ///
    /// - Parameters:
    ///   - environment: The variables; nil uses those of the process.
    ///   - jsonFile: The path of the file; nil if there is none. A file that cannot be read is an error.
    ///   - prefix: The member of the file with the settings; a dot leads to a member of a member. The names of
    ///     variables have it in capitals: `responseCache` is `RESPONSE_CACHE_`.
    ///   - keys: The keys that settings can refer to by name, in addition to those of this package.
    ///   - base: The settings that apply unless a variable or the file overrides them.
    /// - Returns: The settings.
    /// - Throws: All problems with the file and the variables, in one error.
    /// - Complexity: O(length of the file).
    public static func load(
        environment: [String: String]? = nil,
        jsonFile: String? = nil,
        prefix: String = "responseCache",
        keys: [String: KeyConstructor] = [:],
        base: Settings = .standard
    ) throws(SettingsError) -> Settings {
        let components = prefix.split(separator: ".").map(String.init)
        precondition(!components.isEmpty, "the prefix of settings must not be empty")
        let context = LoadingContext(keys: keys)
        var sources: [SettingsSource] = []
        if let jsonFile { sources.append(.file(jsonFile, prefix: components, context: context)) }
        sources.append(
            .environment(environment ?? ProcessInfo.processInfo.environment, prefix: components, context: context))

        return try load(sources, context: context, base: base)
    }

    /// Loads settings from a reader of swift-configuration, whose providers the application has chosen.
    ///
    /// ```swift
    /// let config = ConfigReader(providers: [EnvironmentVariablesProvider(), try await FileProvider<JSONSnapshot>(filePath: "config.json")])
    /// let settings = try Settings.load(from: config.scoped(to: "responseCache"))
    /// ```
    ///
    /// The names are those of <doc:LoadingSettings>. A reader does not list its names, so unknown names are not reported.
    ///
    /// - Parameters:
    ///   - reader: The reader, scoped to the settings.
    ///   - keys: The keys that settings can refer to by name, in addition to those of this package.
    ///   - base: The settings that apply unless the reader overrides them.
    /// - Returns: The settings.
    /// - Throws: All values that are not valid for their setting, in one error.
    public static func load(
        from reader: ConfigReader,
        keys: [String: KeyConstructor] = [:],
        base: Settings = .standard
    ) throws(SettingsError) -> Settings {
        try load([.reader(reader)], context: LoadingContext(keys: keys), base: base)
    }

    private static func load(
        _ sources: [SettingsSource], context: LoadingContext, base: Settings
    ) throws(SettingsError) -> Settings {
        var problems: [SettingsError.Problem] = []
        var edits: [(isPreset: Bool, edit: SettingDefinition.Edit)] = []
        for source in sources {
            var found = source.problems
            for entry in source.entries {
                do {
                    let edit = try entry.definition.read(entry.reader, context)
                    edits.append((entry.definition.isPreset, edit))
                } catch {
                    found.append(entry.problem(context))
                }
            }
            problems += found.sorted(by: SettingsError.Problem.isBefore)
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }

        var settings = base
        // A preset is applied before all other settings, regardless of its position.
        for (_, edit) in edits.filter(\.isPreset) { edit(&settings) }
        for (_, edit) in edits.filter({ !$0.isPreset }) { edit(&settings) }
        return settings
    }
}
