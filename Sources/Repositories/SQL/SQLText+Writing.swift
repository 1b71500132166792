extension SQLText {
    /// Returns the statement that adds a row.
    ///
    /// - Parameters:
    ///   - names: The names of the fields that have a value. The version is added with a parameter.
    ///   - fields: The fields of the row.
    ///   - dialect: The dialect. The statement for PostgreSQL returns the key.
    /// - Returns: The statement.
    public static func insert(_ names: [String], in fields: FieldSet, for dialect: SQLDialect) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.writeInsert(names)
        if dialect == .postgreSQL {
            writer.write(" RETURNING ")
            writer.write(column: fields.key.name)
        }
        return writer.statement
    }

    /// Returns the statement that adds a row, or updates the row with the same values in some unique fields.
    ///
    /// For PostgreSQL the statement returns the key and whether the row was added. A row outside of the scope is left as it
    /// is, and then nothing is returned. It has no unchanged rows: existing rows are written.
    ///
    /// - Parameters:
    ///   - names: The names of the fields that have a value in a new row.
    ///   - uniqueFields: The names of the fields of a unique index.
    ///   - updating: The names of the fields to set in an existing row. The version is incremented.
    ///   - scope: A valid selection of the rows that may be written.
    ///   - fields: The fields of the row.
    ///   - dialect: The dialect.
    /// - Returns: The statement.
    public static func upsert(
        _ names: [String], uniqueBy uniqueFields: [String], updating: [String], scope: Selection, in fields: FieldSet,
        for dialect: SQLDialect
    ) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.writeInsert(names)
        writer.write(" ON CONFLICT (")
        writer.writeList(uniqueFields) { $0.write(column: $1) }
        writer.write(") DO UPDATE SET ")
        writer.writeList(updating) { writer, name in
            writer.write(column: name)
            writer.write(" = excluded.")
            writer.write(column: name)
        }
        if let version = fields.version {
            writer.write(updating.isEmpty ? "" : ", ")
            writer.writeIncrement(of: version.name)
        } else if updating.isEmpty {
            writer.write(column: uniqueFields[0])
            writer.write(" = excluded.")
            writer.write(column: uniqueFields[0])
        }
        if scope != .all {
            writer.write(" WHERE ")
            writer.qualifiesColumns = true
            writer.write(scope: scope)
            writer.qualifiesColumns = false
        }
        if dialect == .postgreSQL {
            writer.write(" RETURNING ")
            writer.write(column: fields.key.name)
            writer.write(", (xmax = 0)")
        }
        return writer.statement
    }

    /// Returns the statement that sets fields of the row with a key and increments its version.
    ///
    /// - Parameters:
    ///   - names: The names of the fields to set.
    ///   - checksVersion: Whether the row must have the expected version.
    ///   - scope: A valid selection of the rows that may be written.
    ///   - fields: The fields of the row.
    ///   - dialect: The dialect.
    /// - Returns: The statement, or nil if there is nothing to set.
    public static func update(
        _ names: [String], checksVersion: Bool, scope: Selection, in fields: FieldSet, for dialect: SQLDialect
    ) -> SQLText? {
        guard !names.isEmpty || fields.version != nil else { return nil }
        var writer = SQLWriter(fields, dialect)
        writer.write("UPDATE ")
        writer.write(name: fields.table)
        writer.writeAssignments(names.map { ($0, .field($0)) })
        writer.writeRowCondition(checksVersion: checksVersion, scope: scope)
        return writer.statement
    }

    /// Returns the statement that removes the row with a key.
    ///
    /// - Parameters:
    ///   - checksVersion: Whether the row must have the expected version.
    ///   - scope: A valid selection of the rows that may be removed.
    ///   - fields: The fields of the row.
    ///   - dialect: The dialect.
    /// - Returns: The statement.
    public static func delete(
        checksVersion: Bool, scope: Selection, in fields: FieldSet, for dialect: SQLDialect
    ) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.write("DELETE FROM ")
        writer.write(name: fields.table)
        writer.writeRowCondition(checksVersion: checksVersion, scope: scope)
        return writer.statement
    }

    /// Returns the statement that sets fields of all selected rows and increments their versions.
    ///
    /// - Parameters:
    ///   - selection: A valid selection of the rows.
    ///   - values: The names of the fields to set and their values.
    ///   - fields: The fields of the rows.
    ///   - dialect: The dialect.
    /// - Returns: The statement and its values.
    public static func updateAll(
        _ selection: Selection, setting values: [(name: String, value: RowValue)], in fields: FieldSet,
        for dialect: SQLDialect
    ) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.write("UPDATE ")
        writer.write(name: fields.table)
        writer.writeAssignments(values.map { ($0.name, .value($0.value)) })
        writer.write(whereScope: selection)
        return writer.statement
    }

    /// Returns the statement that removes all selected rows.
    ///
    /// - Parameters:
    ///   - selection: A valid selection of the rows.
    ///   - fields: The fields of the rows.
    ///   - dialect: The dialect.
    /// - Returns: The statement and its values.
    public static func deleteAll(_ selection: Selection, in fields: FieldSet, for dialect: SQLDialect) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.write("DELETE FROM ")
        writer.write(name: fields.table)
        writer.write(whereScope: selection)
        return writer.statement
    }
}

extension SQLWriter {
    /// Writes ` WHERE` and a selection of rows to write, or nothing for the selection of all rows.
    mutating func write(whereScope selection: Selection) {
        guard selection != .all else { return }
        write(" WHERE ")
        write(scope: selection)
    }

    /// Writes a selection of rows to write. Its fields may be those of a view.
    mutating func write(scope selection: Selection) {
        guard fields.source != fields.table else { return write(selection) }
        write(column: fields.key.name)
        write(" IN (SELECT ")
        let isQualified = qualifiesColumns
        qualifiesColumns = false
        write(column: fields.key.name)
        write(" FROM ")
        write(name: fields.source)
        write(" WHERE ")
        write(selection)
        write(")")
        qualifiesColumns = isQualified
    }

    fileprivate mutating func writeInsert(_ names: [String]) {
        let version = fields.version.map { [$0.name] } ?? []
        write("INSERT INTO ")
        write(name: fields.table)
        guard !(names + version).isEmpty else { return write(" DEFAULT VALUES") }
        write(" (")
        writeList(names + version) { $0.write(column: $1) }
        write(") VALUES (")
        writeList(names.map { .field($0) } + version.map { _ in SQLText.Parameter.firstVersion }) { $0.bind($1) }
        write(")")
    }

    mutating func writeAssignments(_ assignments: [(String, SQLText.Parameter)]) {
        write(" SET ")
        writeList(assignments) { writer, assignment in
            writer.write(column: assignment.0)
            writer.write(" = ")
            writer.bind(assignment.1)
        }
        if let version = fields.version {
            write(assignments.isEmpty ? "" : ", ")
            writeIncrement(of: version.name)
        }
    }

    fileprivate mutating func writeIncrement(of version: String) {
        write(column: version)
        write(" = ")
        qualifiesColumns = true
        write(column: version)
        qualifiesColumns = false
        write(" + 1")
    }

    fileprivate mutating func writeRowCondition(checksVersion: Bool, scope: Selection) {
        write(" WHERE ")
        write(column: fields.key.name)
        write(" = ")
        bind(.key)
        if checksVersion, let version = fields.version {
            write(" AND ")
            write(column: version.name)
            write(" = ")
            bind(.expectedVersion)
        }
        if scope != .all {
            write(" AND (")
            write(scope: scope)
            write(")")
        }
    }
}
