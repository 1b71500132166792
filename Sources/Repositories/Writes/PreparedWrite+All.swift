extension PreparedWrite {
    /// Returns the values that a set-based write sets, completed with what the server writes.
    ///
    /// - Parameters:
    ///   - row: A batch of one row.
    ///   - fields: The fields of the row.
    /// - Returns: The names of the fields and their values.
    /// - Throws: ``RepositoryError`` for an invalid value, for the key, for an unknown field, and if no field is given.
    public static func values(
        setting row: RowBatch, in fields: FieldSet
    ) throws(RepositoryError) -> [(name: String, value: RowValue)] {
        guard row.rowCount == 1 else {
            throw .invalidWrite("a set-based write has one row, not \(row.rowCount)")
        }
        var given: [(name: String, value: RowValue)] = []
        for name in row.columns {
            guard let field = fields[name] else { throw .invalidWrite("the row has an unknown field \"\(name)\"") }
            if field.isKey { throw .invalidWrite("a set-based write does not set the key \"\(name)\"") }
            guard !field.isVersion, field.computation == nil, let value = row.value(row: 0, field: name) else {
                continue
            }
            if let problem = field.problem(with: value) { throw .row(RowError(.invalid, field: name, problem)) }
            if case .integer(let value) = value, field.type == .number {
                given.append((name, .number(Double(value))))
            } else {
                given.append((name, value))
            }
        }
        guard !given.isEmpty else { throw .invalidWrite("the row has no field to set") }
        for field in fields.fields {
            switch field.computation {
            case .source(let source, let compute):
                guard let value = given.first(where: { $0.name == source })?.value else { continue }
                given.append((field.name, value.isNull ? .null : compute(value)))
            case .everyWrite(let compute): given.append((field.name, compute()))
            case .creation, nil: break
            }
        }
        return given
    }
}
