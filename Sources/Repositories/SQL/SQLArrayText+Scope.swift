/// Statements for a scope that has columns of a view.
///
/// A statement that waits for a row looks at the new version of this row, but at the old versions of the view's other tables and of the
/// row in the view. So the rows are locked first, and another statement decides which of them are in the scope.
extension SQLArrayText {
    /// Returns the statement that finds which rows of some keys are in a scope. It returns their keys.
    ///
    /// - Parameters:
    ///   - scope: A valid selection.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement. The keys are its first parameter.
    package static func keys(in scope: Selection, in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("SELECT ")
        writer.writer.write(column: fields.key.name)
        writer.write(" FROM ")
        writer.writer.write(name: fields.source)
        writer.write(" WHERE ")
        writer.writeIsAmongKeys()
        writer.write(" AND (")
        writer.writer.write(scope)
        writer.write(")")
        return writer.statement
    }

    /// Returns the statement that locks all selected rows in the order of their keys. It returns their keys.
    ///
    /// - Parameters:
    ///   - selection: A valid selection.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func lockAll(_ selection: Selection, in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("SELECT ")
        writer.writer.write(column: fields.key.name)
        writer.write(" FROM ")
        writer.writeTable()
        writer.writer.write(whereScope: selection)
        writer.write(" ORDER BY ")
        writer.writer.write(column: fields.key.name)
        writer.write(" FOR UPDATE")
        return writer.statement
    }

    /// Returns the statement that sets fields of all selected rows of some keys and increments their versions, or removes these rows.
    ///
    /// - Parameters:
    ///   - selection: A valid selection.
    ///   - values: The names of the fields to set and their values, or nil to remove the rows.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func writeAll(
        _ selection: Selection, setting values: [(name: String, value: RowValue)]?, in fields: FieldSet
    ) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write(values == nil ? "DELETE FROM " : "UPDATE ")
        writer.writeTable()
        if let values { writer.writer.writeAssignments(values.map { ($0.name, .value($0.value)) }) }
        writer.write(" WHERE ")
        writer.writeIsAmongKeys()
        writer.write(" AND (")
        writer.writer.write(scope: selection)
        writer.write(")")
        return writer.statement
    }
}

extension SQLArrayWriter {
    fileprivate mutating func writeIsAmongKeys() {
        writer.write(column: fields.key.name)
        write(" = ANY(")
        writer.bind(.key)
        write("::\(fields.key.type.arrayType))")
    }
}
