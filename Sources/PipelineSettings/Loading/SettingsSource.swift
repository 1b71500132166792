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

extension SettingsSource {
    /// Returns the settings in a member of a JSON file.
    static func file(_ file: String, prefix: [String], context: LoadingContext) -> SettingsSource {
        let bytes: [UInt8]
        do {
            bytes = try SettingsFile.contents(of: file)
        } catch {
            return SettingsSource(problems: [.unreadable(file, because: error.description)])
        }
        let document = JSONDocument(bytes)
        let section = SettingsSection(document, file: file, prefix: prefix, context: context)
        let syntaxProblems = document.problems.map { problem in
            SettingsError.Problem.syntax(problem.message, at: (file, problem.position))
        }
        return SettingsSource(entries: section.entries, problems: syntaxProblems + section.problems)
    }
}

extension SettingsSource {
    /// Returns the settings that a reader has.
    static func reader(_ reader: ConfigReader) -> SettingsSource {
        let statuses = (200...599).map { SettingDefinition.statusLifetime("\($0)") }
        var source = SettingsSource()
        for definition in SettingDefinition.all + statuses {
            guard let value = value(of: definition, in: reader) else { continue }
            source.entries.append(
                Entry(
                    definition: definition, name: definition.path.joined(separator: "."), value: value, place: nil,
                    reader: reader))
        }
        return source
    }

    /// Returns the value of a setting as text, or nil if the reader has none.
    ///
    /// A reader returns a value only as its own type, and the value may have a type that the setting does not accept.
    private static func value(of definition: SettingDefinition, in reader: ConfigReader) -> String? {
        let (key, isSecret) = (ConfigKey(definition.path), definition.isSecret)
        if let text = reader.string(forKey: key, isSecret: isSecret) { return #""\#(text)""# }
        if let flag = reader.bool(forKey: key, isSecret: isSecret) { return "\(flag)" }
        if let number = reader.int(forKey: key, isSecret: isSecret) { return "\(number)" }
        if let number = reader.double(forKey: key, isSecret: isSecret) { return "\(number)" }
        return reader.stringArray(forKey: key, isSecret: isSecret).map { "\($0)" }
    }
}
