import Configuration

/// Where settings are loaded from, and which it has.
struct SettingsSource {
    /// A setting that the source has.
    struct Entry {
        let definition: SettingDefinition
        /// The setting as it was written.
        let name: String
        /// Its value as it was written.
        let value: String

        /// That the value is not what the setting expects.
        func problem(in file: String?, context: LoadingContext) -> SettingsError.Problem {
            .malformed(name, in: file, value: value, expectation: definition.expectation(context))
        }
    }

    /// The file; nil is the environment.
    let file: String?

    /// Reads the entries by the paths of their definitions.
    let reader: ConfigReader

    /// The settings that the source has.
    var entries: [Entry] = []

    /// What is wrong with the source before a value is read.
    var problems: [SettingsError.Problem] = []
}
