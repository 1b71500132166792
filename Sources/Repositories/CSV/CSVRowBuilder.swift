/// Turns the records of a file into rows and failed rows.
struct CSVRowBuilder: Sendable {
    let columns: [CSVColumn]
    /// The members that the header does not have, and their columns in the rows.
    private let missing: [(member: RowMember, column: Int)]
    private let names: [String]
    let options: CSVRowReader.Options
    private let nullText: [UInt8]?
    /// The index of the column with the versions of the rows.
    let versionColumn: Int?
    private let version: CSVColumn

    private var reading: CSVRowReader.Reading
    private var failureByteCount = 0
    private var encoding = CSVEncodingCheck()
    private(set) var rowCount = 0
    /// The index of the first row in the file, or nil for a whole file.
    let firstIndex: Int?

    init(_ header: CSVHeader, _ format: CSVFormat, firstIndex: Int? = nil) {
        let (members, options) = (format.members, format.options)
        self.firstIndex = firstIndex
        let given = members.indices.filter { !options.isPartial || header.members.contains($0) }
        names = given.map { members[$0].name }
        columns = header.members.map { member in
            member.flatMap { member in
                given.firstIndex(of: member).map { CSVColumn(members[member], column: $0, options) }
            } ?? CSVColumn.ignored
        }
        missing = given.enumerated().filter { !header.members.contains($1) }.map { (members[$1], $0) }
        self.options = options
        versionColumn = header.versionColumn
        version = CSVColumn(.version, column: 0, options)
        nullText = options.nullText.map { Array($0.utf8) }
        reading = CSVRowReader.Reading(rows: RowBatch(columns: names))
    }

    /// Whether the reading has as many rows or bytes as it may have.
    var isFull: Bool {
        reading.indexes.count &+ reading.failures.count >= options.batchRowCount
            || reading.rows.textByteCount &+ failureByteCount >= options.batchByteCount
    }

    /// Returns what was read since the last call, or nil if there is nothing.
    mutating func takeReading() -> CSVRowReader.Reading? {
        guard !reading.indexes.isEmpty || !reading.failures.isEmpty else { return nil }
        let taken = reading
        reading = CSVRowReader.Reading(rows: RowBatch(columns: names))
        failureByteCount = 0
        return taken
    }

    /// Adds the record that a cursor has read.
    ///
    /// - Throws: ``CSVError/invalidEncoding``.
    mutating func append(_ cursor: borrowing CSVCursor) throws(CSVError) {
        if cursor.isEmptyRow(options) { return }
        let index = (firstIndex ?? 0) + rowCount
        rowCount += 1
        let textStart = reading.rows.textByteCount
        var problems: [CSVProblem] = []
        // Most rows are not examined further.
        if cursor.hasProblem || cursor.cellCount != columns.count || cursor.hasInvalidEncoding {
            problems = cursor.withText { structureProblems(cursor, $0) }
        }
        if problems.isEmpty {
            for _ in names { reading.rows.append(cell: .absent) }
            cursor.withText { readCells(cursor.cells, $0, &problems) }
            let version =
                versionColumn == nil ? nil : cursor.withText { readVersion(cursor.cells, $0, &problems) }
            if problems.isEmpty {
                if options.readsVersions { reading.versions.append(version) }
                reading.indexes.append(index)
                reading.lines.append(cursor.cells[0].line)
                return
            }
            reading.rows.removeLastRow()
            reading.rows.removeText(from: textStart)
        }
        reading.failures.append(
            CSVFailedRow(
                CSVRecord(cursor, index: index, removesFormulaGuards: options.removesFormulaGuards), problems: problems)
        )
        failureByteCount += cursor.textByteCount
        if problems.contains(where: { $0.code == .invalidUTF8 }) { try encoding.noteInvalidRow(index) }
    }

    private mutating func readCells(
        _ cells: [CSVCell], _ text: UnsafeRawBufferPointer, _ problems: inout [CSVProblem]
    ) {
        let row = reading.rows.rowCount &- 1
        var start = 0
        for index in columns.indices {
            let (column, cell) = (columns[index], cells[index])
            let range = start..<cell.end
            start = cell.end
            guard let member = column.member else { continue }
            switch read(range, of: text, cell.isQuoted, column, member) {
            case .cell(let value): reading.rows[row, column.index] = value
            case .problem(let message):
                problems.append(CSVProblem(message, member.field, at: cell))
            }
        }
        for (member, column) in missing {
            // The header has all fields that are required.
            if case .cell(let value) = member.missingCell(in: &reading.rows) { reading.rows[row, column] = value }
        }
    }

    private mutating func readVersion(
        _ cells: [CSVCell], _ text: UnsafeRawBufferPointer, _ problems: inout [CSVProblem]
    ) -> Int64? {
        guard let index = versionColumn, let member = version.member else { return nil }
        let range = (index == 0 ? 0 : cells[index - 1].end)..<cells[index].end
        switch read(range, of: text, cells[index].isQuoted, version, member) {
        case .cell(.integer(let version)):
            return version
        case .cell:
            return nil
        case .problem(let message):
            problems.append(CSVProblem(message, member.field, at: cells[index]))
            return nil
        }
    }

    /// Returns the cell for a text. The text itself is added to the rows.
    private mutating func read(
        _ range: Range<Int>, of text: UnsafeRawBufferPointer, _ isQuoted: Bool, _ column: CSVColumn, _ member: RowMember
    ) -> FieldReading {
        var bytes = UnsafeRawBufferPointer(rebasing: text[range])
        if !isQuoted {
            if bytes.isEmpty {
                switch options.emptyCells {
                case .null: return FieldReading(.null, member.field.isOptional ? nil : FieldMessage.null)
                case .text where column.type == .text: break
                case .absent, .text: return member.missingCell(in: &reading.rows)
                }
            }
            if let nullText, bytes.elementsEqual(nullText) {
                return FieldReading(.null, member.field.isOptional ? nil : FieldMessage.null)
            }
        }
        var offset = range.lowerBound
        if options.removesFormulaGuards, CSVText.isGuarded(bytes) {
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
            offset &+= 1
        }
        guard column.type == .text else { return column.value(of: bytes, member.field) }
        let cell = Cell.text(offset: offset, length: UInt32(bytes.count))
        if !column.check.allows(cell, in: text), let problem = member.field.problem(with: cell, in: text) {
            return .problem(problem)
        }
        let start = reading.rows.textByteCount
        reading.rows.appendTextBytes(bytes)
        return .cell(reading.rows.endText(from: start))
    }
}
