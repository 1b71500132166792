/// The section of a JSON document with the settings, and its problems: unknown names and values of a wrong form.
struct SettingsSection {
    let file: String
    let document: JSONDocument
    let prefix: [String]
    let context: LoadingContext
    private(set) var entries: [SettingsSource.Entry] = []
    private(set) var problems: [SettingsError.Problem] = []

    /// Reads the settings of a document.
    ///
    /// - Complexity: O(length of the document).
    init(_ document: JSONDocument, file: String, prefix: [String], context: LoadingContext) {
        self.file = file
        self.document = document
        self.prefix = prefix
        self.context = context
        find(in: document.root, depth: 0)
    }

    /// Finds the section below the first names of the prefix.
    private mutating func find(in node: JSONNode, depth: Int) {
        guard depth < prefix.count else { return read(node, at: []) }
        guard let members = members(of: node, at: prefix[..<depth]) else { return }
        let name = prefix[depth]
        let own = members.filter { $0.name == name }
        if own.isEmpty { findNearName(of: name, in: members, depth: depth) }
        for member in own {
            if let first = own.first, member.position != first.position {
                problems.append(.duplicate(dotted(prefix[...depth]), at: place(member.position), first: first.position))
            }
            find(in: member.node, depth: depth + 1)
        }
    }

    /// Reports a member whose name is similar to that of the section. Other members of a file may have any name.
    private mutating func findNearName(of name: String, in members: [JSONMember], depth: Int) {
        guard let near = NearName.of(name, among: members.lazy.map(\.name)),
            let member = members.first(where: { $0.name == near })
        else { return }
        problems.append(
            .unknown(
                dotted(prefix[..<depth] + [near]), at: place(member.position), suggestion: dotted(prefix[...depth])
            ))
    }

    private mutating func read(_ node: JSONNode, at path: [String]) {
        guard SettingDefinition.isGroup(path) else { return readSetting(node, at: path) }
        guard let members = members(of: node, at: prefix + path) else { return }
        var positions: [String: SettingsError.Position] = [:]
        for member in members {
            let memberPath = path + [member.name]
            if let first = positions[member.name] {
                problems.append(.duplicate(dotted(prefix + memberPath), at: place(member.position), first: first))
            } else {
                positions[member.name] = member.position
            }
            guard SettingDefinition.isGroup(memberPath) || SettingDefinition.at(memberPath) != nil else {
                // A suggestion compares every setting. With this many problems, it is not worth its cost.
                let suggestion = problems.count < 100 ? suggestion(for: memberPath) : nil
                // After a syntax error, the name may be a secret.
                let isHidden = suggestion == nil && SettingDefinition.hasSecret(in: path)
                problems.append(
                    .unknown(
                        dotted(prefix + (isHidden ? path : memberPath)) + (isHidden ? ".(hidden)" : ""),
                        at: place(member.position), suggestion: suggestion))
                continue
            }
            read(member.node, at: memberPath)
        }
    }

    private mutating func readSetting(_ node: JSONNode, at path: [String]) {
        // For an invalid value, the syntax problem is sufficient.
        guard let definition = SettingDefinition.at(path), !node.isInvalid else { return }
        let surrogates = node.unpairedSurrogates
        guard surrogates.isEmpty else {
            let message = "unpaired surrogate in the string of \(dotted(prefix + path))"
            problems += surrogates.map { .syntax(message, at: place($0)) }
            return
        }
        let entry = SettingsSource.Entry(
            definition: definition, name: dotted(prefix + path), value: document.text(of: node),
            place: place(node.position), reader: .reading(node)
        )
        if let kind = node.kind, definition.form.contains(kind) {
            entries.append(entry)
        } else {
            problems.append(entry.problem(context))
        }
    }

    /// Returns the members of an object, or reports any other value and returns nil.
    private mutating func members(of node: JSONNode, at path: some Sequence<String>) -> [JSONMember]? {
        switch node.value {
        case .object(let members): return members
        case .invalid: return nil
        default:
            // Such a value may be the secret itself.
            let isSecret = SettingDefinition.hasSecret(in: Array(path.dropFirst(prefix.count)))
            let path = dotted(path)
            problems.append(
                .malformed(
                    path.isEmpty ? "the top level" : path, at: place(node.position),
                    value: isSecret ? nil : document.text(of: node), expectation: "an object"
                ))
            return nil
        }
    }

    /// Returns a setting of the same group with a similar name, or the only setting of another group with the same
    /// name.
    private func suggestion(for path: [String]) -> String? {
        let group = path.dropLast()
        let siblings = (SettingDefinition.all.map(\.path) + [SettingDefinition.statusLifetimes])
            .filter { $0.count > group.count && $0.starts(with: group) }
            .map { $0[group.count] }
        let name = path[group.count]
        if let near = NearName.of(name, among: siblings) { return dotted(prefix + group + [near]) }
        // The setting may be in another group, or written with dots instead of as a member of a member.
        let elsewhere = SettingDefinition.all.filter { $0.path.last == name || $0.path.joined(separator: ".") == name }
        return elsewhere.count == 1 ? dotted(prefix + elsewhere[0].path) : nil
    }

    private func place(_ position: SettingsError.Position) -> SettingsError.Problem.Place { (file, position) }

    private func dotted(_ path: some Sequence<String>) -> String {
        path.map { $0.isEmpty || $0.contains(".") ? #""\#($0)""# : $0 }.joined(separator: ".")
    }
}
