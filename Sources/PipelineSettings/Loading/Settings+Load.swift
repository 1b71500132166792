public import CacheMiddleware
import Configuration
public import KeyConstructor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Settings {
    /// Loads settings from environment variables and a JSON file, by swift-configuration.
    ///
    /// A variable overrides a member of the file, and that `base`. The names are in <doc:LoadingSettings>; `preset` among them replaces
    /// `base`, but for its build ID. Variables that begin with the prefix and members of the file's section that are not settings are
    /// errors, as are values that a setting cannot have and members that are there twice. The whole file has to be JSON
    /// (RFC 8259) of at most 1 MiB and 64 levels; its other members may have any values.
    ///
    /// It is called once, at the start of an application, and reads the file before it returns.
    ///
    /// - Parameters:
    ///   - environment: The variables; nil are those of the process.
    ///   - jsonFile: The path of the file; nil is none. It is an error if it cannot be read.
    ///   - prefix: The member of the file that holds the settings; a dot leads to a member of a member. In names of variables
    ///     it is written in capitals: `responseCache` is `RESPONSE_CACHE_`.
    ///   - keys: Keys by the names that settings can have for them, in addition to those that this package has.
    ///   - stores: The application's stores, among which the name of a store has to be; nil does not look.
    ///   - base: What holds where neither variable nor file says anything.
    /// - Returns: The settings.
    /// - Throws: Everything that is wrong with file and variables, in one error.
    /// - Complexity: O(length of the file).
    public static func load(
        environment: [String: String]? = nil,
        jsonFile: String? = nil,
        prefix: String = "responseCache",
        keys: [String: KeyConstructor] = [:],
        stores: CacheStores? = nil,
        base: Settings = .standard
    ) throws(SettingsError) -> Settings {
        let components = prefix.split(separator: ".").map(String.init)
        precondition(!components.isEmpty, "settings need a prefix, so that they can be told from other variables")
        let context = LoadingContext(keys: keys, storeNames: stores?.names)
        var sources: [SettingsSource] = []
        if let jsonFile { sources.append(.file(jsonFile, prefix: components, context: context)) }
        sources.append(
            .environment(environment ?? ProcessInfo.processInfo.environment, prefix: components, context: context))

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
        // A preset is what all the rest is laid over, wherever it stands.
        for (_, edit) in edits.filter(\.isPreset) { edit(&settings) }
        for (_, edit) in edits.filter({ !$0.isPreset }) { edit(&settings) }
        return settings
    }
}
