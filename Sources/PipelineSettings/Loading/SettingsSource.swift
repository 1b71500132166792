import Configuration

/// A source of settings: a file, or the environment.
struct SettingsSource {
    /// A setting that the source has.
    struct Entry {
        let definition: SettingDefinition
        /// The setting as it was written.
        let name: String
        /// Its value as it was written.
        let value: String
        /// The place of the value; nil is the environment.
        let place: SettingsError.Problem.Place?
        /// Reads the value under the path of the definition.
        let reader: ConfigReader

        /// A problem with the value.
        func problem(_ context: LoadingContext) -> SettingsError.Problem {
            .malformed(name, at: place, value: value, expectation: definition.expectation(context))
        }
    }

    /// The settings that the source has.
    var entries: [Entry] = []

    /// What is wrong with the source before a value is read.
    var problems: [SettingsError.Problem] = []
}
