import Configuration

extension SettingsSource {
    /// The settings among variables.
    ///
    /// swift-configuration cannot say which names there are, only what is under a name that one asks for. Here the variables
    /// themselves are looked through.
    static func environment(
        _ variables: [String: String], prefix: [String], context: LoadingContext
    ) -> SettingsSource {
        let start = variableName(of: prefix) + "_"
        let variables = variables.filter { $0.key.hasPrefix(start) }
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        var source = SettingsSource(
            file: nil, reader: ConfigReader(provider: provider).scoped(to: ConfigKey(prefix))
        )
        let definitions = Dictionary(
            uniqueKeysWithValues: SettingDefinition.all.map { (variableName(of: prefix + $0.path), $0) }
        )
        let statuses = variableName(of: prefix + SettingDefinition.statusTimeouts) + "_"
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            if let definition = definitions[name] {
                source.entries.append(Entry(definition: definition, name: name, value: #""\#(value)""#))
            } else if name.hasPrefix(statuses) {
                let definition = SettingDefinition.statusTimeout(String(name.dropFirst(statuses.count)))
                source.entries.append(Entry(definition: definition, name: name, value: #""\#(value)""#))
            } else {
                // RESPONSE_CACHE_TIMEOUT lacks the group alone.
                let ungrouped = definitions.filter { variableName(of: prefix + $0.value.path.suffix(1)) == name }
                let meant =
                    NearName.of(name, among: definitions.keys) ?? (ungrouped.count == 1 ? ungrouped.first?.key : nil)
                source.problems.append(.unknown(name, in: nil, suggestion: meant))
            }
        }
        return source
    }

    /// The variable that swift-configuration reads for the names of members: `cache`, `staleIfError` is `CACHE_STALE_IF_ERROR`.
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
