import HTTPSemantics

extension CSVRowBuilder {
    /// Returns the problems that keep cells from being read at all.
    func structureProblems(_ cursor: borrowing CSVCursor, _ text: UnsafeRawBufferPointer) -> [CSVProblem] {
        var problems = cursor.cells.enumerated().compactMap { index, cell in
            cell.problem.map { problem(cell, $0, field: fieldName(index)) }
        }
        problems += encodingProblems(cursor.cells, text)
        if problems.isEmpty, let problem = countProblem(cursor) { problems.append(problem) }
        return problems
    }

    private func fieldName(_ index: Int) -> String? {
        if index == versionColumn { return RowMember.version.name }
        return index < columns.count ? columns[index].member?.name : nil
    }

    private func problem(
        _ cell: CSVCell, _ problem: CSVCell.Problem, field: String?
    ) -> CSVProblem {
        let (code, message): (CSVProblem.Code, String) =
            switch problem {
            case .tooLong: (.tooLong, FieldMessage.tooManyBytes(options.maximumCellByteCount))
            case .textAfterQuote: (.textAfterQuote, "Text follows the closing quote.")
            case .strayQuote: (.invalid, "A quote is inside of a cell that does not begin with one.")
            case .unterminatedQuote:
                (.unterminatedQuote, "The quote is never closed. The rest of the file was not processed.")
            }
        return CSVProblem(code, field: field, message, line: cell.line, column: cell.column)
    }

    private func countProblem(_ cursor: borrowing CSVCursor) -> CSVProblem? {
        let (count, expected) = (cursor.cellCount, columns.count)
        guard count != expected, let first = cursor.cells.first else { return nil }
        let cells =
            "The row has \(count) cell\(count == 1 ? "" : "s"), but the header has \(expected) column\(expected == 1 ? "" : "s")."
        guard count > expected else {
            return CSVProblem(.tooFewCells, cells, line: first.line, column: first.column)
        }
        // A delimiter at the end of the line.
        let additional = cursor.cells[expected]
        if count == expected + 1, additional.end == cursor.cells[expected - 1].end, !additional.isQuoted { return nil }
        return CSVProblem(.tooManyCells, cells, line: additional.line, column: additional.column)
    }

    /// Returns the problems of cells that are not UTF-8, with the places of their first malformed bytes.
    private func encodingProblems(_ cells: [CSVCell], _ text: UnsafeRawBufferPointer) -> [CSVProblem] {
        guard ByteSearch.firstNonASCII(in: text) != nil else { return [] }
        var problems: [CSVProblem] = []
        var start = 0
        for (index, cell) in cells.enumerated() {
            let bytes = UnsafeRawBufferPointer(rebasing: text[start..<cell.end])
            start = cell.end
            guard let malformed = CSVEncodingCheck.malformedIndex(in: bytes) else { continue }
            let (line, column) = Self.place(of: malformed, in: bytes, cell)
            problems.append(
                CSVProblem(
                    .invalidUTF8, field: fieldName(index), "The text is not valid UTF-8.", line: line, column: column))
        }
        return problems
    }

    /// Returns the line and the column of a byte of a cell's text.
    private static func place(
        of index: Int, in bytes: UnsafeRawBufferPointer, _ cell: CSVCell
    ) -> (line: Int, column: Int) {
        guard cell.isQuoted else { return (cell.line, cell.column + index) }
        var (line, column) = (cell.line, cell.column + 1)
        for position in 0..<index {
            switch bytes[position] {
            case 0x0A where position > 0 && bytes[position - 1] == 0x0D: column = 1
            case 0x0A, 0x0D: (line, column) = (line + 1, 1)
            // Two in the file.
            case UInt8(ascii: "\""): column += 2
            default: column += 1
            }
        }
        return (line, column)
    }
}

extension CSVProblem {
    /// Creates the problem for a message about a value.
    init(_ message: String, _ field: FieldDescription, at cell: CSVCell) {
        var code = Code.invalid
        if message == FieldMessage.required { code = .required }
        if message == FieldMessage.nullCharacter { code = .controlCharacter }
        if case .lengths(let range) = field.limits, message == FieldMessage.tooLong(range.upperBound) {
            code = .tooLong
        }
        self.init(code, field: field.name, message, line: cell.line, column: cell.column)
    }
}
