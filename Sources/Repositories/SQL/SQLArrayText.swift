/// The text of a PostgreSQL statement about many rows, and what is bound to its parameters: one array for each column.
///
/// A statement with arrays is sent, planned and carried out once for all rows. Its text does not depend on their number.
package struct SQLArrayText: Sendable, Hashable {
    /// What is bound to a parameter.
    package enum Parameter: Sendable, Hashable {
        /// A value.
        case value(RowValue)
        /// The array of a field's values in the rows.
        case values(String)
        /// The array of whether the rows have a value for a field.
        case presence(String)
        /// The array of the keys of the rows.
        case keys
        /// The version of rows that are added: ``PreparedWrite/firstVersion``.
        case firstVersion
    }

    /// The text, with a parameter for each of ``parameters``.
    package let text: String

    /// What is bound, in the order of the parameters.
    package let parameters: [Parameter]
}

/// Writes the text of a statement about many rows.
struct SQLArrayWriter {
    var writer: SQLWriter
    private var presences: Set<Int> = []

    /// The name of the arrays in a statement. No table has it, because it is not an identifier.
    private static let source = "given rows"

    init(_ fields: FieldSet) {
        writer = SQLWriter(fields, .postgreSQL)
    }

    var fields: FieldSet { writer.fields }

    var statement: SQLArrayText {
        let parameters = writer.parameters.enumerated().map { index, parameter -> SQLArrayText.Parameter in
            switch parameter {
            case .value(let value): .value(value)
            case .field(let name): presences.contains(index) ? .presence(name) : .values(name)
            case .key, .expectedVersion: .keys
            case .firstVersion: .firstVersion
            }
        }
        return SQLArrayText(text: writer.text, parameters: parameters)
    }

    mutating func write(_ text: String) {
        writer.write(text)
    }

    /// Writes a column of the table, with the name of the table.
    mutating func write(tableColumn name: String) {
        writer.qualifiesColumns = true
        writer.write(column: name)
        writer.qualifiesColumns = false
    }

    mutating func writeTable() {
        writer.write(name: fields.table)
    }

    /// Writes the value of a field in the arrays.
    mutating func write(given name: String) {
        write("\"\(Self.source)\".\"\(name)\"")
    }

    /// Writes the position of a row in the arrays, which begins with one.
    mutating func writePosition() {
        write("\"\(Self.source)\".\"row number\"")
    }

    /// Writes whether the row has a value for a field.
    mutating func write(presenceOf name: String) {
        write("\"\(Self.source)\".\"has \(name)\"")
    }

    mutating func writeKey() {
        write("\"\(Self.source)\".\"row key\"")
    }

    mutating func writeList<Element>(
        _ elements: [Element], separator: String = ", ", _ write: (inout SQLArrayWriter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { self.write(separator) }
            write(&self, element)
        }
    }

    /// Writes the arrays as a table of rows.
    ///
    /// - Parameters:
    ///   - names: The names of the fields with an array of values.
    ///   - presences: The names of the fields with an array of whether the rows have a value.
    ///   - hasKeys: Whether there is an array of keys.
    mutating func writeArrays(_ names: [String], presences: [String] = [], hasKeys: Bool = false) {
        write("UNNEST(")
        var columns: [String] = []
        func separator() -> String { columns.isEmpty ? "" : ", " }
        if hasKeys {
            writer.bind(.key)
            write("::\(fields.key.type.arrayType)")
            columns.append("row key")
        }
        for name in names {
            write(separator())
            writer.bind(.field(name))
            write("::\((fields[name]?.type ?? .text).arrayType)")
            columns.append(name)
        }
        for name in presences {
            write(separator())
            self.presences.insert(writer.parameters.count)
            writer.bind(.field(name))
            write("::bool[]")
            columns.append("has \(name)")
        }
        write(") WITH ORDINALITY AS \"\(Self.source)\" (")
        writeList(columns + ["row number"]) { $0.write("\"\($1)\"") }
        write(")")
    }
}

extension FieldType {
    /// The type of an array of values in PostgreSQL.
    var arrayType: String {
        switch self {
        case .integer: "int8[]"
        case .number: "float8[]"
        case .boolean: "bool[]"
        case .text: "text[]"
        }
    }
}
