extension FieldSet {
    /// The maximum length of a name; PostgreSQL cuts longer ones.
    static let maximumNameLength = 63

    /// Returns a message about the first mistake in a declaration, or nil if there is none.
    static func mistake(table: String, fields: [FieldDescription]) -> String? {
        let prefix = "FieldSet \"\(table)\": "
        guard isIdentifier(table) else { return prefix + "the name of the table is not an identifier" }
        let keys = fields.filter(\.isKey)
        guard let key = keys.first else { return prefix + "no field is the key" }
        if keys.count > 1 { return prefix + "the fields \"\(key.name)\" and \"\(keys[1].name)\" are both the key" }
        let versions = fields.filter(\.isVersion)
        if versions.count > 1 {
            return prefix + "the fields \"\(versions[0].name)\" and \"\(versions[1].name)\" are both the version"
        }
        var names: Set<String> = []
        var columns: Set<String> = []
        for field in fields {
            if let mistake = mistake(in: field) { return prefix + "field \"\(field.name)\": " + mistake }
            guard names.insert(field.name).inserted else { return prefix + "two fields are named \"\(field.name)\"" }
            // Names of columns are not case-sensitive in SQLite.
            guard columns.insert(field.column.lowercased()).inserted else {
                return prefix + "two fields have the column \"\(field.column)\""
            }
        }
        for field in fields {
            guard case .source(let source, _) = field.computation else { continue }
            guard let other = fields.first(where: { $0.name == source }) else {
                return prefix + "field \"\(field.name)\" is computed from the unknown field \"\(source)\""
            }
            if other.isOptional, !field.isOptional {
                return prefix
                    + "field \"\(field.name)\" is not optional, but computed from the optional field \"\(source)\""
            }
            if other.computation != nil {
                return prefix + "field \"\(field.name)\" is computed from \"\(source)\", which is computed itself"
            }
        }
        return nil
    }

    private static func mistake(in field: FieldDescription) -> String? {
        guard isIdentifier(field.name) else { return "the name is not an identifier" }
        // Two underscores separate the name of a field from an operator in a filter.
        guard !field.name.contains("__") else { return "the name has two underscores in a row" }
        guard isIdentifier(field.column) else { return "the column \"\(field.column)\" is not an identifier" }
        if field.isKey, field.isOptional { return "the key is optional" }
        if field.isKey, field.type != .integer, field.type != .text {
            return "the key is neither an integer nor a text"
        }
        if field.isVersion, field.isKey || field.isOptional { return "the version is the key or optional" }
        switch field.limits {
        case .numbers(let range) where !range.lowerBound.isFinite || !range.upperBound.isFinite:
            return "a limit is not finite"
        case .lengths(let range) where range.lowerBound < 0:
            return "a length is negative"
        default: break
        }
        if let value = field.defaultValue, let message = field.problem(with: value) {
            return "the default is invalid: \(message)"
        }
        if let value = field.example, let message = field.problem(with: value) {
            return "the example is invalid: \(message)"
        }
        return nil
    }

    /// Returns whether a name consists of at most 63 ASCII letters, digits and underscores and does not begin with a digit.
    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= maximumNameLength else { return false }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
