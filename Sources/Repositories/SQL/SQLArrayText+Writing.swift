extension SQLArrayText {
    /// Returns the statement that adds rows and returns their keys in the order of the arrays.
    ///
    /// - Parameters:
    ///   - names: The names of the fields that have a value, at least one of them.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func insert(_ names: [String], in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.writeInsert(names)
        writer.write(" RETURNING ")
        writer.write(tableColumn: fields.key.name)
        return writer.statement
    }

    /// Returns the statement that adds rows, or updates those with the same values in some unique fields.
    ///
    /// It returns the keys of the rows that it wrote, in the order of the arrays, and whether each was added. A row that has all values
    /// already is not returned. No two rows of the arrays may have the same values in the unique fields.
    ///
    /// - Parameters:
    ///   - names: The names of the fields that have a value in a new row.
    ///   - uniqueFields: The names of the fields of a unique index.
    ///   - updating: The names of the fields to set in an existing row. The version is incremented.
    ///   - comparing: The names of the fields in which a row has to differ to be updated.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func upsert(
        _ names: [String], uniqueBy uniqueFields: [String], updating: [String], comparing: [String],
        in fields: FieldSet
    ) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.writeInsert(names)
        writer.write(" ON CONFLICT (")
        writer.writeList(uniqueFields) { $0.writer.write(column: $1) }
        writer.write(") DO UPDATE SET ")
        // A statement needs an assignment, also if no row is ever updated.
        let assigned = updating.isEmpty ? [uniqueFields[0]] : updating
        writer.writeList(assigned) { writer, name in
            writer.writer.write(column: name)
            writer.write(" = excluded.")
            writer.writer.write(column: name)
        }
        writer.writeIncrement()
        writer.write(" WHERE ")
        if comparing.isEmpty { writer.write("FALSE") }
        writer.writeList(comparing, separator: " OR ") { writer, name in
            writer.write(tableColumn: name)
            writer.write(" IS DISTINCT FROM excluded.")
            writer.writer.write(column: name)
        }
        writer.write(" RETURNING ")
        writer.write(tableColumn: fields.key.name)
        writer.write(", (")
        writer.writeTable()
        writer.write(".xmax = 0)")
        return writer.statement
    }

    /// Returns the statement that sets fields of the rows with some keys and increments their versions.
    ///
    /// - Parameters:
    ///   - names: The names of the fields to set, at least one of them unless there is a version.
    ///   - presences: The names of those that some rows keep.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func update(_ names: [String], presences: [String], in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("UPDATE ")
        writer.writeTable()
        writer.write(" SET ")
        writer.writeList(names) { writer, name in
            writer.writer.write(column: name)
            writer.write(" = ")
            guard presences.contains(name) else { return writer.write(given: name) }
            writer.write("CASE WHEN ")
            writer.write(presenceOf: name)
            writer.write(" THEN ")
            writer.write(given: name)
            writer.write(" ELSE ")
            writer.write(tableColumn: name)
            writer.write(" END")
        }
        writer.writeIncrement(isFirst: names.isEmpty)
        writer.write(" FROM ")
        writer.writeArrays(names, presences: presences, hasKeys: true)
        writer.write(" WHERE ")
        writer.write(tableColumn: fields.key.name)
        writer.write(" = ")
        writer.writeKey()
        return writer.statement
    }

    /// Returns the statement that removes the rows with some keys.
    ///
    /// - Parameter fields: The fields of the rows.
    /// - Returns: The statement.
    package static func delete(in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("DELETE FROM ")
        writer.writeTable()
        writer.write(" USING ")
        writer.writeArrays([], hasKeys: true)
        writer.write(" WHERE ")
        writer.write(tableColumn: fields.key.name)
        writer.write(" = ")
        writer.writeKey()
        return writer.statement
    }
}

extension SQLArrayWriter {
    fileprivate mutating func writeInsert(_ names: [String]) {
        let version = fields.version.map { [$0.name] } ?? []
        write("INSERT INTO ")
        writeTable()
        write(" (")
        writeList(names + version) { $0.writer.write(column: $1) }
        write(") SELECT ")
        writeList(names) { $0.write(given: $1) }
        if fields.version != nil {
            write(", ")
            writer.bind(.firstVersion)
            write("::int8")
        }
        write(" FROM ")
        writeArrays(names)
        write(" ORDER BY ")
        writePosition()
    }

    fileprivate mutating func writeIncrement(isFirst: Bool = false) {
        guard let version = fields.version else { return }
        write(isFirst ? "" : ", ")
        writer.write(column: version.name)
        write(" = ")
        write(tableColumn: version.name)
        write(" + 1")
    }
}
