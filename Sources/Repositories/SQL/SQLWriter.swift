/// Writes the text of a statement and collects its parameters.
struct SQLWriter {
    let fields: FieldSet
    let dialect: SQLDialect
    /// Whether columns are written with their table, for conditions in which another table has the same columns.
    var qualifiesColumns = false
    private(set) var text = ""
    private(set) var parameters: [SQLText.Parameter] = []

    init(_ fields: FieldSet, _ dialect: SQLDialect) {
        self.fields = fields
        self.dialect = dialect
        text.reserveCapacity(256)
    }

    var statement: SQLText { SQLText(text: text, parameters: parameters) }

    mutating func write(_ text: String) {
        self.text += text
    }

    /// Writes a name in quotes. Names of a field set have no quotes.
    mutating func write(name: String) {
        text += "\"\(name)\""
    }

    mutating func bind(_ parameter: SQLText.Parameter) {
        parameters.append(parameter)
        text += dialect == .sqlite ? "?" : "$\(parameters.count)"
    }

    mutating func bind(_ value: RowValue) {
        bind(.value(value))
    }

    /// Writes the column of a field. The name must be one of the set.
    mutating func write(column name: String) {
        if qualifiesColumns {
            write(name: fields.table)
            write(".")
        }
        write(name: fields[name]?.column ?? name)
    }

    /// Writes the column of a field with the collation of bytes, for comparisons of order.
    mutating func write(orderedColumn name: String) {
        write(column: name)
        if dialect == .postgreSQL, fields[name]?.type == .text { write(" COLLATE \"C\"") }
    }

    mutating func writeList<Element>(
        _ elements: [Element], separator: String = ", ", _ write: (inout SQLWriter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { text += separator }
            write(&self, element)
        }
    }
}

// MARK: - Conditions

extension SQLWriter {
    /// Writes ` WHERE` and a valid selection, or nothing for the selection of all rows.
    mutating func write(where selection: Selection) {
        guard selection != .all else { return }
        write(" WHERE ")
        write(selection)
    }

    /// Writes a valid selection as an expression.
    mutating func write(_ selection: Selection) {
        switch selection {
        case .and(let parts): write(parts[...], joinedBy: " AND ", empty: "TRUE")
        case .or(let parts): write(parts[...], joinedBy: " OR ", empty: "FALSE")
        case .not(let part):
            write("NOT (")
            write(part)
            write(")")
        case .isNull(let field):
            write(column: field)
            write(" IS NULL")
        case .values(let field, let values):
            guard !values.isEmpty else { return write("FALSE") }
            write(column: field)
            write(" IN (")
            writeList(values) { $0.bind($1) }
            write(")")
        case .range(let field, let lower, let upper):
            write(orderedColumn: field)
            write(" BETWEEN ")
            bind(lower)
            write(" AND ")
            bind(upper)
        case .comparison(let field, let comparison, let value):
            write(field, comparison, value)
        }
    }

    /// Writes a tree of small depth: SQLite's parser limits the depth of expressions, and a chain is as deep as it is long.
    private mutating func write(_ parts: ArraySlice<Selection>, joinedBy separator: String, empty: String) {
        guard !parts.isEmpty else { return write(empty) }
        guard parts.count > 8 else {
            return writeList(Array(parts), separator: separator) { writer, part in
                switch part {
                case .and, .or, .not:
                    writer.write("(")
                    writer.write(part)
                    writer.write(")")
                default: writer.write(part)
                }
            }
        }
        let middle = parts.startIndex + parts.count / 2
        write("(")
        write(parts[..<middle], joinedBy: separator, empty: empty)
        write(")" + separator + "(")
        write(parts[middle...], joinedBy: separator, empty: empty)
        write(")")
    }

    private mutating func write(_ field: String, _ comparison: Selection.Comparison, _ value: RowValue) {
        switch (comparison, value) {
        case (.equal, _), (.notEqual, _):
            write(column: field)
            write(comparison == .equal ? " = " : " <> ")
            bind(value)
        case (.startsWith, .text(let prefix)):
            writePrefix(field, prefix)
        case (.endsWith, .text(let suffix)):
            writeSuffix(field, suffix)
        case (.contains, .text(let part)):
            write(dialect == .sqlite ? "instr(" : "strpos(")
            write(column: field)
            write(", ")
            bind(.text(part))
            write(dialect == .sqlite ? ") > 0" : "::text) > 0")
        default:
            write(orderedColumn: field)
            write(comparison.sqlOperator)
            bind(value)
        }
    }

    /// Writes two comparisons, which use an index where LIKE would not, and in which no character is a wildcard.
    private mutating func writePrefix(_ field: String, _ prefix: String) {
        write(orderedColumn: field)
        write(" >= ")
        bind(.text(prefix))
        guard let end = prefix.endOfPrefixRange else { return }
        write(" AND ")
        write(orderedColumn: field)
        write(" < ")
        bind(.text(end))
    }

    private mutating func writeSuffix(_ field: String, _ suffix: String) {
        guard !suffix.isEmpty else {
            // True, or unknown for null.
            write(column: field)
            write(" >= ")
            return bind(.text(""))
        }
        switch dialect {
        case .sqlite:
            // Bytes, because the position of a character takes longer to find.
            write("substr(CAST(")
            write(column: field)
            write(" AS BLOB), ")
            bind(.integer(-Int64(suffix.utf8.count)))
            write(") = CAST(")
            bind(.text(suffix))
            write(" AS BLOB)")
        case .postgreSQL:
            write("right(")
            write(column: field)
            write(", ")
            bind(.integer(Int64(suffix.unicodeScalars.count)))
            write("::int) = ")
            bind(.text(suffix))
        }
    }
}

extension Selection.Comparison {
    /// The operator of a comparison by order.
    fileprivate var sqlOperator: String {
        switch self {
        case .less: " < "
        case .lessOrEqual: " <= "
        case .greater: " > "
        case .greaterOrEqual: " >= "
        case .notEqual: " <> "
        case .equal, .contains, .startsWith, .endsWith: " = "
        }
    }
}

extension String {
    /// The smallest text that is greater than all texts with this prefix, by bytes of UTF-8, or nil if there is none.
    var endOfPrefixRange: String? {
        var scalars = Array(unicodeScalars)
        while let last = scalars.popLast() {
            // The surrogates are not scalars.
            guard let next = Unicode.Scalar(last.value == 0xD7FF ? 0xE000 : last.value + 1) else { continue }
            scalars.append(next)
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }
        return nil
    }
}
