import CacheMiddleware
import Configuration
import HTTPTypes
import KeyConstructor

/// The member of the settings that a value is assigned to.
typealias Destination<Value> = WritableKeyPath<Settings, Value> & Sendable

extension SettingDefinition {
    /// Returns a setting whose value is true or false.
    static func flag(_ path: String..., to destination: any Destination<Bool>) -> Self {
        Self(path, form: [.bool], expectation: { _ in "true or false" }) { reader, key, _ in
            let value = try reader.requiredBool(forKey: key)
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is a whole number of at least `minimum`.
    static func integer(_ path: String..., from minimum: Int, to destination: any Destination<Int>) -> Self {
        Self(path, form: [.number], expectation: { _ in "a whole number from \(minimum)" }) { reader, key, _ in
            let value = try reader.requiredInt(forKey: key)
            guard value >= minimum else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is a number in a range.
    static func number(
        _ path: String..., in range: ClosedRange<Double>, to destination: any Destination<Double>
    ) -> Self {
        let expectation = "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        return Self(path, form: [.number], expectation: { _ in expectation }) { reader, key, _ in
            let value = try number(reader, key)
            guard range.contains(value) else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is a number of seconds.
    static func duration(
        _ path: String..., from minimum: Double = 0, to destination: any Destination<Duration>
    ) -> Self {
        Self(path, form: [.number], expectation: { _ in seconds(from: minimum) }) { reader, key, _ in
            let value = try duration(of: try number(reader, key), from: minimum)
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is a number of seconds, or "none".
    static func optionalDuration(
        _ path: String..., from minimum: Double = 0, to destination: any Destination<Duration?>
    ) -> Self {
        Self(path, form: [.number, .string], expectation: { _ in #"\#(seconds(from: minimum)), or "none""# }) {
            reader, key, _ in
            let value = try duration(reader, key, from: minimum, words: ["none": nil])
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is one of several words.
    static func choice<Value: Sendable>(
        _ path: String..., of choices: KeyValuePairs<String, Value>, to destination: any Destination<Value>
    ) -> Self {
        let names = choices.map(\.key)
        let values = Dictionary(uniqueKeysWithValues: choices.map { ($0.key, $0.value) })
        return Self(path, form: [.string], expectation: { _ in list(names) }) { reader, key, _ in
            guard let value = values[try reader.requiredString(forKey: key)] else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is a lifetime.
    static func lifetime(_ path: String..., to destination: any Destination<CacheLifetime>) -> Self {
        Self(path, form: [.number, .string], expectation: { _ in lifetimeExpectation }) { reader, key, _ in
            let value = try lifetime(reader, key)
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns the setting for the lifetime of responses with a status.
    static func statusLifetime(_ status: String) -> Self {
        Self(
            statusLifetimes + [status], form: [.number, .string],
            expectation: { _ in
                Self.status(status) == nil
                    ? "a name that ends with a status from 200 to 599" : lifetimeExpectation
            },
            read: { reader, key, _ in
                guard let status = Self.status(status) else { throw Unexpected() }
                let value = try lifetime(reader, key)
                return { $0.cache.statusLifetimes[status] = value }
            }
        )
    }

    /// Returns a setting whose value is the name of a key.
    static func key(_ path: String..., to destination: any Destination<KeyConstructor>) -> Self {
        Self(path, form: [.string], expectation: { list($0.keys.keys.sorted()) }) { reader, key, context in
            guard let value = context.keys[try reader.requiredString(forKey: key)] else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is the name of a key, or the word for the digest of the body.
    static func entityTag(_ path: String..., to destination: any Destination<KeyConstructor?>) -> Self {
        Self(path, form: [.string], expectation: { list([bodyDigest] + $0.keys.keys.sorted()) }) {
            reader, key, context in
            let name = try reader.requiredString(forKey: key)
            guard name != bodyDigest else { return { $0[keyPath: destination] = nil } }
            guard let value = context.keys[name] else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// Returns a setting whose value is the name of a key, for tags that guard updates.
    static func apiEntityTag(_ path: String..., to destination: any Destination<KeyConstructor>) -> Self {
        Self(
            path, form: [.string],
            expectation: {
                "\(list($0.keys.keys.sorted())); \"\(bodyDigest)\" is not known before an update and cannot guard it"
            },
            read: { reader, key, context in
                guard let value = context.keys[try reader.requiredString(forKey: key)] else { throw Unexpected() }
                return { $0[keyPath: destination] = value }
            }
        )
    }

    /// Returns a setting whose value is a list of header field names.
    static func fieldNames(_ path: String..., to destination: any Destination<Set<HTTPField.Name>>) -> Self {
        Self(path, form: [.strings], expectation: { _ in #"names of header fields, or "none""# }) { reader, key, _ in
            // An empty variable is a list with one empty string. It may be unset by mistake, so it does not mean no fields.
            let names = try reader.requiredStringArray(forKey: key)
            guard names != ["none"] else { return { $0[keyPath: destination] = [] } }
            let values = try names.map { name in
                guard let value = HTTPField.Name(name) else { throw Unexpected() }
                return value
            }
            return { $0[keyPath: destination] = Set(values) }
        }
    }

    /// Returns a setting whose value is a selection of cookies.
    static func cookies(_ path: String..., to destination: any Destination<CookieSelection>) -> Self {
        let expectation = #""all", "none", or names of cookies such as "auth_*"; with "!" before each, all others"#
        return Self(path, form: [.string, .strings], expectation: { _ in expectation }) { reader, key, _ in
            // A word in JSON is not an array; a variable is read as either.
            let words = try (try? reader.requiredStringArray(forKey: key)) ?? [reader.requiredString(forKey: key)]
            guard let value = CookieSelection(words: words) else { throw Unexpected() }
            return { $0[keyPath: destination] = value }
        }
    }

    /// The word for a tag that is the digest of the body.
    private static let bodyDigest = "bodyDigest"

    /// Returns quoted words as an enumeration for a sentence.
    static func list(_ names: [String]) -> String {
        let quoted = names.map { #""\#($0)""# }
        return quoted.count > 1 ? "\(quoted.dropLast().joined(separator: ", ")) or \(quoted.last!)" : quoted.joined()
    }

    private static func status(_ text: String) -> Int? {
        // Only one spelling is accepted, so that no status occurs twice.
        Int(text).flatMap { (200...599).contains($0) && String($0) == text ? $0 : nil }
    }
}
