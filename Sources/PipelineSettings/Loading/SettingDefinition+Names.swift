import Configuration
import HTTPTypes

extension SettingDefinition {
    /// Returns a setting whose value is any text except for an empty one.
    static func text(_ path: String..., to destination: any Destination<String>) -> Self {
        Self(path, form: [.string], expectation: { _ in "a text that is not empty" }) { reader, key, _ in
            let text = try reader.requiredString(forKey: key)
            guard !text.isEmpty else { throw Unexpected() }
            return { $0[keyPath: destination] = text }
        }
    }

    /// Returns a setting whose value is a text that must not be shown.
    static func secret(
        _ path: String..., expecting expectation: String, to destination: any Destination<String?>,
        isValid: @escaping @Sendable (String) -> Bool
    ) -> Self {
        var definition = Self(path, form: [.string], expectation: { _ in expectation }) { reader, key, _ in
            let text = try reader.requiredString(forKey: key, isSecret: true)
            guard isValid(text) else { throw Unexpected() }
            return { $0[keyPath: destination] = text }
        }
        definition.isSecret = true
        return definition
    }

    /// Returns a setting that replaces all others except for the build ID and the deployment, which do not depend on it.
    static func preset(_ path: String..., of presets: KeyValuePairs<String, Settings>) -> Self {
        let expectation = list(presets.map(\.key))
        return Self(path, form: [.string], expectation: { _ in expectation }) { reader, key, _ in
            let name = try reader.requiredString(forKey: key)
            guard let value = presets.first(where: { $0.key == name })?.value else { throw Unexpected() }
            return { settings in
                let (buildID, deployment) = (settings.buildID, settings.deployment)
                settings = value
                settings.buildID = buildID
                settings.deployment = deployment
            }
        }
    }

    /// Returns a setting whose value is the ID of a build.
    static func buildID(_ path: String..., to destination: any Destination<String?>) -> Self {
        Self(path, form: [.string], expectation: { _ in "1 to 128 visible ASCII characters" }) { reader, key, _ in
            let text = try reader.requiredString(forKey: key)
            guard 1...128 ~= text.utf8.count, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw Unexpected() }
            return { $0[keyPath: destination] = text }
        }
    }

    /// Returns a setting whose value is a token (RFC 9110 section 5.6.2).
    static func token(_ path: String..., to destination: any Destination<String>) -> Self {
        Self(
            path, form: [.string],
            expectation: { _ in "a token: letters, digits and !#$%&'*+-.^_`|~" },
            read: { reader, key, _ in
                let text = try reader.requiredString(forKey: key)
                // The name of a header field is a token.
                guard HTTPField.Name(text) != nil else { throw Unexpected() }
                return { $0[keyPath: destination] = text }
            }
        )
    }
}
