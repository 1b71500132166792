import Configuration

extension SettingsSource {
    /// Returns the settings in environment variables.
    ///
    /// swift-configuration returns the value of a name and does not list names, so this function finds unknown names in
    /// the variables themselves.
    static func environment(
        _ variables: [String: String], prefix: [String], context: LoadingContext
    ) -> SettingsSource {
        let start = variableName(of: prefix) + "_"
        let variables = variables.filter { $0.key.hasPrefix(start) }
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        let reader = ConfigReader(provider: provider).scoped(to: ConfigKey(prefix))
        var source = SettingsSource()
        let definitions = Dictionary(
            uniqueKeysWithValues: SettingDefinition.all.map { (variableName(of: prefix + $0.path), $0) }
        )
        let statuses = variableName(of: prefix + SettingDefinition.statusLifetimes) + "_"
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            let status = name.hasPrefix(statuses) ? String(name.dropFirst(statuses.count)) : nil
            if let definition = definitions[name] ?? status.map(SettingDefinition.statusLifetime) {
                source.entries.append(
                    Entry(
                        definition: definition, name: name, value: #""\#(value)""#, place: nil, reader: reader
                    ))
            } else {
                // A name such as RESPONSE_CACHE_LIFETIME lacks only the group.
                let ungrouped = definitions.filter { variableName(of: prefix + $0.value.path.suffix(1)) == name }
                let meant =
                    NearName.of(name, among: definitions.keys) ?? (ungrouped.count == 1 ? ungrouped.first?.key : nil)
                source.problems.append(.unknown(name, suggestion: meant))
            }
        }
        return source
    }

    /// Returns the variable that swift-configuration reads for a path of member names: `cache`, `staleIfError` is
    /// `CACHE_STALE_IF_ERROR`.
    static func variableName(of path: [String]) -> String {
        path.map { component in
            var name = ""
            var isAfterSmallLetter = false
            for character in component {
                if isAfterSmallLetter, character.isUppercase { name += "_" }
                name += character.isLetter || character.isNumber ? character.uppercased() : "_"
                isAfterSmallLetter = character.isLowercase
            }
            return name
        }.joined(separator: "_")
    }
}
