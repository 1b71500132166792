import Configuration
import HTTPTypes

extension SettingDefinition {
    /// The name of a store.
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

    /// A token of RFC 9110 section 5.6.2.
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
