import Configuration

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
