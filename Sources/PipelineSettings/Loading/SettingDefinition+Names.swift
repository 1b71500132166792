import Configuration
import HTTPTypes

extension SettingDefinition {
    /// Returns a setting whose value is the name of a store.
    static func storeName(_ path: String..., to destination: any Destination<String>) -> Self {
        Self(
            path, form: [.string],
            expectation: { $0.storeNames.map { "the name of a store: \(list($0))" } ?? "the name of a store" },
            read: { reader, key, context in
                let name = try reader.requiredString(forKey: key)
                guard !name.isEmpty, context.storeNames?.contains(name) ?? true else { throw Unexpected() }
                return { $0[keyPath: destination] = name }
            }
        )
    }

    /// Returns a setting that replaces all others except for the build ID, which does not affect behavior.
    static func preset(_ path: String..., of presets: KeyValuePairs<String, Settings>) -> Self {
        let expectation = list(presets.map(\.key))
        return Self(path, form: [.string], expectation: { _ in expectation }) { reader, key, _ in
            let name = try reader.requiredString(forKey: key)
            guard let value = presets.first(where: { $0.key == name })?.value else { throw Unexpected() }
            return { settings in
                let buildID = settings.buildID
                settings = value
                settings.buildID = buildID
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
