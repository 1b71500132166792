/// The header of a file: its names and what they stand for.
struct CSVHeader {
    /// The names as they are in the file, without blanks around them.
    let names: [String]
    let delimiter: CSVDelimiter
    /// The index of each column's member, or nil for a column that is ignored.
    let members: [Int?]
    /// The index of the column with the versions of the rows.
    let versionColumn: Int?

    /// What a name stands for.
    private enum Meaning: Equatable {
        case member(Int)
        case version
        case ignored
        case readOnly
        case unknown
    }

    /// Reads the header that a prologue has collected.
    ///
    /// - Parameters:
    ///   - prologue: The bytes of the header.
    ///   - format: The fields and options.
    /// - Throws: ``CSVError`` with the names that are repeated, unknown or missing.
    init(_ prologue: CSVPrologue, for format: CSVFormat) throws(CSVError) {
        let line = prologue.headerLine
        let delimiter = format.options.delimiter ?? prologue.delimiter
        var best: (names: [String], delimiter: CSVDelimiter, meanings: [Meaning], known: Int)?
        let known = Self.meanings(for: format)
        for delimiter in delimiter.map({ [$0] }) ?? CSVDelimiter.allCases {
            let names = try Self.names(prologue.bytes, delimiter, line, format.options)
            let meanings = Self.meanings(of: names, known)
            // Every text that begins with `_` would be the name of one column that is ignored.
            let hasMember = meanings.contains { if case .member = $0 { true } else { false } }
            let count = hasMember ? meanings.count { $0 != .unknown } : 0
            if count == names.count {
                best = (names, delimiter, meanings, count)
                break
            }
            if count > best?.known ?? -1 { best = (names, delimiter, meanings, count) }
        }
        guard let best else { throw CSVError.noRows }
        try self.init(best.names, best.delimiter, best.meanings, line, format)
    }

    /// Finds the fields of columns whose names are known from an earlier reading.
    ///
    /// - Throws: ``CSVError`` with the names that are repeated, unknown or missing.
    init(_ dialect: CSVRowReader.Dialect, for format: CSVFormat) throws(CSVError) {
        let meanings = Self.meanings(of: dialect.header, Self.meanings(for: format))
        try self.init(dialect.header, dialect.delimiter, meanings, nil, format)
    }

    private init(
        _ names: [String], _ delimiter: CSVDelimiter, _ meanings: [Meaning], _ line: Int?, _ format: CSVFormat
    ) throws(CSVError) {
        self.names = names
        self.delimiter = delimiter
        members = meanings.map { if case .member(let index) = $0 { index } else { nil } }
        versionColumn = meanings.firstIndex(of: .version)
        try Self.check(names, meanings, line, format)
    }

    /// The names and the delimiter.
    var dialect: CSVRowReader.Dialect { CSVRowReader.Dialect(header: names, delimiter: delimiter) }

    private static func check(
        _ names: [String], _ meanings: [Meaning], _ line: Int?, _ format: CSVFormat
    ) throws(CSVError) {
        if let index = names.firstIndex(of: "") { throw CSVError("The column \(index + 1) has no name", line: line) }
        let options = format.options
        func columns(_ meaning: Meaning) -> [String] {
            names.indices.filter { meanings[$0] == meaning }.map { names[$0] }
        }
        if !options.ignoresUnknownColumns, meanings.contains(.unknown) {
            let mapped = Dictionary(options.columns.map { (folded($0.key), $0.value) }) { first, _ in first }
            for column in columns(.unknown) {
                guard let field = mapped[folded(column)] else { continue }
                throw CSVError("Unknown field \(list([field])) for the column \(list([column]))", line: line)
            }
            throw CSVError("Unknown column \(list(columns(.unknown)))", line: line)
        }
        if options.reportsReadOnlyColumns, meanings.contains(.readOnly) {
            throw CSVError("Read-only column \(list(columns(.readOnly)))", line: line)
        }
        var firsts: [Int: String] = [:]
        for (index, meaning) in meanings.enumerated() {
            guard case .member(let member) = meaning else { continue }
            if let first = firsts.updateValue(names[index], forKey: member) {
                let field = format.members[member].name
                throw CSVError("Two columns for the field \"\(field)\": \(list([first, names[index]]))", line: line)
            }
        }
        let versions = columns(.version)
        if versions.count > 1 { throw CSVError("Two columns for the version: \(list(versions))", line: line) }
        if firsts.isEmpty { throw CSVError("No column is a field", line: line) }
        let missing = format.members.indices.filter { firsts[$0] == nil && format.members[$0].isAlwaysRequired }
        if !missing.isEmpty {
            throw CSVError("Missing column \(list(missing.map { format.members[$0].name }))", line: line)
        }
    }

    /// Returns names in quotes. Long names are cut, and after ten the others are counted.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).map { name in
            name.unicodeScalars.count > 100 ? "\"\(String(name.unicodeScalars.prefix(100)))...\"" : "\"\(name)\""
        }
        return shown.joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}

// MARK: - Names

extension CSVHeader {
    /// Returns the names under a delimiter. A last name that is empty belongs to a delimiter at the end of the line.
    private static func names(
        _ bytes: [UInt8], _ delimiter: CSVDelimiter, _ line: Int, _ options: CSVRowReader.Options
    ) throws(CSVError) -> [String] {
        let limit = options.maximumHeaderByteCount
        var cursor = CSVCursor(
            delimiter: delimiter.byte,
            limits: CSVCursor.Limits(
                cellByteCount: limit, recordByteCount: limit, cellCount: options.maximumColumnCount + 1),
            line: line)
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: CSVCursor.windowByteCount) {
                let end = min(bytes.count, start + CSVCursor.windowByteCount)
                var index = 0
                _ = cursor.readRecord(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), from: &index)
            }
        }
        _ = cursor.finish()
        var names: [String] = []
        let hasProblem = cursor.cells.contains { $0.problem != nil }
        let isValid = cursor.withText { text in
            var start = 0
            for cell in cursor.cells {
                let bytes = UnsafeRawBufferPointer(rebasing: text[start..<cell.end])
                start = cell.end
                guard let name = String(validating: bytes, as: UTF8.self) else { return false }
                names.append(trimmed(name))
            }
            return true
        }
        guard isValid else { throw CSVError.invalidEncoding }
        if hasProblem { throw CSVError("Misplaced quotes in the header", line: line) }
        if names.count > 1, names.last == "" { names.removeLast() }
        guard names.count <= options.maximumColumnCount else {
            throw tooManyColumns(options.maximumColumnCount, line: line)
        }
        return names
    }

    static func tooManyColumns(_ limit: Int, line: Int) -> CSVError {
        CSVError("The header has more than \(limit) columns", line: line, isTooLarge: true)
    }

    private static func trimmed(_ name: String) -> String {
        let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let scalars = name.unicodeScalars.drop(while: isBlank)
        guard let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(scalars[...last])
    }

    /// Returns the name by which columns and fields are compared.
    private static func folded(_ name: String) -> String {
        String(name.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
    }

    /// Returns what names of columns stand for.
    private static func meanings(of names: [String], _ known: [String: Meaning]) -> [Meaning] {
        names.map { known[$0] ?? known[folded($0)] ?? ($0.hasPrefix("_") ? .ignored : .unknown) }
    }

    /// Returns what names stand for, by the names themselves and by their folded forms.
    private static func meanings(for format: CSVFormat) -> [String: Meaning] {
        var meanings: [String: Meaning] = [:]
        func add(_ name: String, _ meaning: Meaning) {
            meanings[name] = meaning
            if meanings[folded(name)] == nil { meanings[folded(name)] = meaning }
        }
        for field in format.fields.fields where !field.isHidden {
            add(field.name, format.members.firstIndex { $0.name == field.name }.map { .member($0) } ?? .readOnly)
        }
        if format.options.readsVersions { add(RowMember.version.name, .version) }
        let fields = meanings
        for (column, field) in format.options.columns {
            meanings[column] = fields[field] ?? .unknown
            meanings[folded(column)] = fields[field] ?? .unknown
        }
        return meanings
    }
}
