#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks through the JSON of settings for names that are none, and for values of a wrong form.
struct SettingsSection {
    let file: String
    let prefix: [String]
    let context: LoadingContext
    var entries: [SettingsSource.Entry] = []
    var problems: [SettingsError.Problem] = []

    init(file: String, prefix: [String], context: LoadingContext) {
        self.file = file
        self.prefix = prefix
        self.context = context
    }

    /// Reads a whole file.
    ///
    /// - Returns: The section of the settings, without what is wrong in it.
    mutating func read(_ root: JSONValue) -> JSONValue {
        let nothing = JSONValue.object([:])
        var section = root
        for (depth, name) in prefix.enumerated() {
            guard case .object(let members) = section else {
                problems.append(objectExpected(prefix[..<depth], section))
                return nothing
            }
            guard let member = members[name] else {
                // A file may have other things to say; but not under nearly this name.
                if let near = NearName.of(name, among: members.keys.sorted()) {
                    let path = prefix[..<depth] + [near]
                    problems.append(.unknown(dotted(path), in: file, suggestion: dotted(prefix[...depth])))
                }
                return nothing
            }
            section = member
        }
        return read(section, at: []) ?? nothing
    }

    private mutating func read(_ value: JSONValue, at path: [String]) -> JSONValue? {
        guard SettingDefinition.isGroup(path) else { return readSetting(value, at: path) }
        guard case .object(let members) = value else {
            problems.append(objectExpected(prefix + path, value))
            return nil
        }
        return .object(
            members.reduce(into: [:]) { result, member in
                result[member.key] = read(member.value, at: path + [member.key])
            }
        )
    }

    private mutating func readSetting(_ value: JSONValue, at path: [String]) -> JSONValue? {
        guard let definition = SettingDefinition.at(path) else {
            problems.append(.unknown(dotted(prefix + path), in: file, suggestion: suggestion(for: path)))
            return nil
        }
        let entry = SettingsSource.Entry(definition: definition, name: dotted(prefix + path), value: text(value))
        guard let kind = value.kind, definition.form.contains(kind) else {
            problems.append(entry.problem(in: file, context: context))
            return nil
        }
        entries.append(entry)
        return value
    }

    /// A setting of the same group with nearly this name, or the one of another group with it.
    private func suggestion(for path: [String]) -> String? {
        let group = path.dropLast()
        let siblings = (SettingDefinition.all.map(\.path) + [SettingDefinition.statusTimeouts])
            .filter { $0.count > group.count && $0.starts(with: group) }
            .map { $0[group.count] }
        let name = path[group.count]
        if let near = NearName.of(name, among: siblings) { return dotted(prefix + group + [near]) }
        // In another group, or written with dots instead of as a member of a member.
        let elsewhere = SettingDefinition.all.filter { $0.path.last == name || $0.path.joined(separator: ".") == name }
        return elsewhere.count == 1 ? dotted(prefix + elsewhere[0].path) : nil
    }

    private func objectExpected(_ path: some Sequence<String>, _ value: JSONValue) -> SettingsError.Problem {
        let path = dotted(path)
        let name = path.isEmpty ? "the top level" : path
        return .malformed(name, in: file, value: text(value), expectation: "an object")
    }

    private func dotted(_ path: some Sequence<String>) -> String {
        path.map { $0.isEmpty || $0.contains(".") ? #""\#($0)""# : $0 }.joined(separator: ".")
    }

    private func text(_ value: JSONValue) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
