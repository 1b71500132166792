extension SQLArrayText {
    /// Which lock a statement takes on the rows that it finds.
    package enum Lock: String, Sendable {
        /// No other transaction changes the row.
        case change = "NO KEY UPDATE"
        /// No other transaction changes the row or refers to it.
        case removal = "UPDATE"
    }

    /// Returns the statement that finds rows by some fields and locks them in the order of the arrays.
    ///
    /// The columns of the result are the position of the row in the arrays, which begins with one, the key, whether the row is in the scope,
    /// the version if there is one, whether the compared fields have the values of the arrays, and then the columns of `reading`.
    ///
    /// - Parameters:
    ///   - matching: The names of the fields that identify a row.
    ///   - comparing: The names of the fields to compare.
    ///   - presences: The names of those for which some rows have no value. Such a value is equal to every other.
    ///   - reading: The names of more fields to read.
    ///   - lock: The lock.
    ///   - scope: A valid selection of the rows that may be written.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func lookUp(
        by matching: [String], comparing: [String], presences: [String], reading: [String], lock: Lock,
        scope: Selection, in fields: FieldSet
    ) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("SELECT ")
        writer.writePosition()
        writer.write(", ")
        writer.write(tableColumn: fields.key.name)
        writer.write(", ")
        if scope == .all {
            writer.write("TRUE")
        } else {
            writer.write("(")
            writer.writer.qualifiesColumns = true
            writer.writer.write(scope: scope)
            writer.writer.qualifiesColumns = false
            writer.write(") IS TRUE")
        }
        if let version = fields.version {
            writer.write(", ")
            writer.write(tableColumn: version.name)
        }
        writer.write(", ")
        if comparing.isEmpty { writer.write("TRUE") }
        writer.writeList(comparing, separator: " AND ") { writer, name in
            if presences.contains(name) {
                writer.write("(NOT ")
                writer.write(presenceOf: name)
                writer.write(" OR ")
            }
            writer.write(tableColumn: name)
            writer.write(" IS NOT DISTINCT FROM ")
            writer.write(given: name)
            if presences.contains(name) { writer.write(")") }
        }
        for name in reading {
            writer.write(", ")
            writer.write(tableColumn: name)
        }
        writer.writeMatches(matching, with: comparing, presences)
        writer.write(" ORDER BY ")
        writer.writePosition()
        writer.write(", ")
        writer.write(tableColumn: fields.key.name)
        writer.write(" FOR \(lock.rawValue) OF ")
        writer.writeTable()
        return writer.statement
    }

    /// Returns the statement that finds rows by some fields, without locks.
    ///
    /// The columns of the result are the position of the row in the arrays, which begins with one, and the key.
    ///
    /// - Parameters:
    ///   - matching: The names of the fields that identify a row.
    ///   - fields: The fields of the rows.
    /// - Returns: The statement.
    package static func matches(by matching: [String], in fields: FieldSet) -> SQLArrayText {
        var writer = SQLArrayWriter(fields)
        writer.write("SELECT ")
        writer.writePosition()
        writer.write(", ")
        writer.write(tableColumn: fields.key.name)
        writer.writeMatches(matching, with: [], [])
        return writer.statement
    }
}

extension SQLArrayWriter {
    fileprivate mutating func writeMatches(_ matching: [String], with comparing: [String], _ presences: [String]) {
        write(" FROM ")
        writeArrays(matching + comparing.filter { !matching.contains($0) }, presences: presences)
        write(" JOIN ")
        writeTable()
        write(" ON ")
        writeList(matching, separator: " AND ") { writer, name in
            writer.write(tableColumn: name)
            writer.write(" = ")
            writer.write(given: name)
        }
    }
}
