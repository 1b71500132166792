import Configuration

/// A source of settings: a file, the environment, or a `ConfigReader`.
struct SettingsSource {
    /// A setting in the source.
    struct Entry {
        let definition: SettingDefinition
        /// The name of the setting as written.
        let name: String
        /// The value of the setting as written.
        let value: String
        /// The place of the value; nil for the environment and a `ConfigReader`.
        let place: SettingsError.Problem.Place?
        /// The reader that has the value under the path of the definition.
        let reader: ConfigReader

        /// Returns a problem with the value.
        func problem(_ context: LoadingContext) -> SettingsError.Problem {
            .malformed(
                name, at: place, value: definition.isSecret ? nil : value, expectation: definition.expectation(context))
        }
    }

    /// The settings in the source.
    var entries: [Entry] = []

    /// The problems of the source that are found before its values are read.
    var problems: [SettingsError.Problem] = []
}
