import HTTPTypes

/// Groups the lines of header fields by name.
enum FieldGroups {
    struct Group {
        let name: HTTPField.Name
        let value: String
    }

    /// Returns the included fields in the order of their lower-case names. Each value equals the one that `HTTPFields`
    /// returns for the name.
    ///
    /// - Complexity: O(n log n) in the number of fields, and linear in their size. A lookup in `HTTPFields` takes O(n) for
    ///   each name.
    static func sorted(_ fields: HTTPFields, where isTaken: (HTTPField.Name) -> Bool) -> [Group] {
        // The sort is stable: the lines of one name keep their order.
        var rest = fields.filter { isTaken($0.name) }.sorted { $0.name.canonicalName < $1.name.canonicalName }[...]
        var groups: [Group] = []
        while let first = rest.first {
            let lines = rest.prefix { $0.name == first.name }
            rest = rest[lines.endIndex...]
            groups.append(Group(name: first.name, value: joined(lines.map(\.value), of: first.name)))
        }
        return groups
    }

    /// Returns the lines of one field as one value (RFC 9110 section 5.3; cookies by RFC 9113 section 8.2.3).
    static func joined(_ lines: [String], of name: HTTPField.Name) -> String {
        lines.count == 1 ? lines[0] : lines.joined(separator: name == .cookie ? "; " : ", ")
    }
}
