extension SQLText {
    /// Returns the statement that reads the rows of a query.
    ///
    /// The columns of the result are those of ``RowQuery/columns(in:)``.
    ///
    /// - Parameters:
    ///   - query: What to read.
    ///   - fields: The fields that the query is about.
    ///   - dialect: The dialect.
    /// - Returns: The statement and its values.
    /// - Throws: ``SelectionError`` for a query that does not fit the fields.
    /// - Complexity: O(size of the query).
    public static func rows(
        _ query: RowQuery, in fields: FieldSet, for dialect: SQLDialect
    ) throws(SelectionError) -> SQLText {
        let selection = try query.completeSelection(in: fields)
        var writer = SQLWriter(fields, dialect)
        writer.write("SELECT ")
        let columns = query.columns(in: fields)
        // Rows without columns cannot be counted.
        writer.writeList(columns.isEmpty ? [fields.key.name] : columns) { $0.write(column: $1) }
        writer.write(" FROM ")
        writer.write(name: fields.source)
        writer.write(where: selection)
        writer.write(" ORDER BY ")
        writer.writeList(query.completeOrder(in: fields)) { writer, term in
            writer.write(orderedColumn: term.field)
            if term.isDescending { writer.write(" DESC") }
            // SQLite has null first, as the smallest value; PostgreSQL has it last.
            if dialect == .postgreSQL, fields[term.field]?.isOptional == true {
                writer.write(term.isDescending ? " NULLS LAST" : " NULLS FIRST")
            }
        }
        if let limit = query.limit {
            writer.write(" LIMIT ")
            writer.bind(.integer(Int64(limit)))
        } else if query.offset > 0, dialect == .sqlite {
            writer.write(" LIMIT -1")
        }
        if query.offset > 0 {
            writer.write(" OFFSET ")
            writer.bind(.integer(Int64(query.offset)))
        }
        return writer.statement
    }

    /// Returns the statement that counts the rows of a selection.
    ///
    /// - Parameters:
    ///   - selection: The rows.
    ///   - fields: The fields that the selection is about.
    ///   - dialect: The dialect.
    /// - Returns: The statement and its values.
    /// - Throws: ``SelectionError`` for a selection that does not fit the fields.
    /// - Complexity: O(size of the selection).
    public static func count(
        _ selection: Selection, in fields: FieldSet, for dialect: SQLDialect
    ) throws(SelectionError) -> SQLText {
        let selection = try selection.validated(against: fields)
        var writer = SQLWriter(fields, dialect)
        writer.write("SELECT COUNT(*) FROM ")
        writer.write(name: fields.source)
        writer.write(where: selection)
        return writer.statement
    }

    /// Returns the statement that finds the row with the values of some fields, for an upsert.
    ///
    /// The columns of the result are the key, whether the row is in the scope, the version if there is one, and then the
    /// columns of `reading`.
    ///
    /// - Parameters:
    ///   - uniqueFields: The names of the fields that identify the row.
    ///   - reading: The names of more fields to read.
    ///   - scope: A valid selection of the rows that may be written.
    ///   - fields: The fields of the row.
    ///   - dialect: The dialect.
    /// - Returns: The statement. Its parameters include the unique fields.
    public static func lookUp(
        by uniqueFields: [String], reading: [String], scope: Selection, in fields: FieldSet, for dialect: SQLDialect
    ) -> SQLText {
        var writer = SQLWriter(fields, dialect)
        writer.write("SELECT ")
        writer.write(column: fields.key.name)
        writer.write(", ")
        if scope == .all {
            writer.write("TRUE")
        } else {
            writer.write("(")
            writer.write(scope: scope)
            writer.write(")")
        }
        for name in [fields.version?.name].compactMap(\.self) + reading {
            writer.write(", ")
            writer.write(column: name)
        }
        writer.write(" FROM ")
        writer.write(name: fields.table)
        writer.write(" WHERE ")
        writer.writeList(uniqueFields, separator: " AND ") { writer, name in
            writer.write(column: name)
            writer.write(" = ")
            writer.bind(.field(name))
        }
        return writer.statement
    }
}
