import HTTPPipeline
public import NIOCore

/// A row of CSV that could not be read, with its cells, so that it can be written out, mended and sent again.
public struct CSVFailedRow: Sendable {
    /// The names of the columns that ``writeHeader(of:to:)`` puts before those of the source. Readers ignore columns with such names.
    public static let columns = ["_line", "_field", "_error"]

    /// The index of the row in the file. The header and empty lines are not counted.
    public let index: Int

    /// The physical line on which the row begins, counted from 1.
    public let line: Int

    /// The problems, at least one.
    public let problems: [CSVProblem]

    private let text: [UInt8]
    private let cells: [CSVCell]

    init(_ cursor: borrowing CSVCursor, index: Int, problems: [CSVProblem], removesFormulaGuards: Bool) {
        self.index = index
        self.problems = problems
        line = cursor.cells.first?.line ?? cursor.line
        var text: [UInt8] = []
        var cells: [CSVCell] = []
        cursor.withText { bytes in
            var start = 0
            for var cell in cursor.cells {
                var bytes = UnsafeRawBufferPointer(rebasing: bytes[start..<cell.end])
                start = cell.end
                if removesFormulaGuards, CSVText.isGuarded(bytes) {
                    bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
                }
                // What follows is the rest of the file.
                if cell.problem == .unterminatedQuote {
                    bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0x0A && $0 != 0x0D })
                }
                text.append(contentsOf: bytes)
                cell.end = text.count
                cells.append(cell)
            }
        }
        self.text = text
        self.cells = cells
    }

    /// The number of cells that were read. A cell above the limit of its bytes is empty, and cells above that of columns are dropped.
    public var cellCount: Int { cells.count }

    /// Returns the text of a cell, with U+FFFD in place of bytes that are not valid UTF-8.
    public func cell(_ index: Int) -> String {
        String(decoding: text[(index == 0 ? 0 : cells[index - 1].end)..<cells[index].end], as: UTF8.self)
    }

    /// The messages by field.
    public var errors: FieldErrors {
        var errors = FieldErrors()
        for problem in problems { errors.add(problem.message, to: problem.field ?? FieldErrors.nonFieldName) }
        return errors
    }

    /// Writes the header of a file of failed rows.
    ///
    /// - Parameters:
    ///   - header: The names of the source's columns, see ``CSVRowReader/header``.
    ///   - buffer: The buffer to which the line is added.
    public static func writeHeader(of header: [String], to buffer: inout ByteBuffer) {
        for (index, name) in (columns + header).enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeCSV(name, isGuarded: true)
        }
        buffer.writeStaticString("\r\n")
    }

    /// Writes a line with the number of the source's line, the field and the message of the first problem, and the cells.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to which the line is added.
    ///   - guardsFormulas: Whether cells that a spreadsheet would run get an apostrophe in front, except plain negative numbers. A reader
    ///     removes it with ``CSVRowReader/Options/removesFormulaGuards``.
    public func write(to buffer: inout ByteBuffer, guardsFormulas: Bool = true) {
        buffer.writeString("\(line),")
        buffer.writeCSV(problems.first?.field ?? "", isGuarded: guardsFormulas)
        buffer.writeStaticString(",")
        buffer.writeCSV(problems.first?.message ?? "", isGuarded: guardsFormulas)
        text.withUnsafeBytes { text in
            var start = 0
            for cell in cells {
                buffer.writeStaticString(",")
                let bytes = UnsafeRawBufferPointer(rebasing: text[start..<cell.end])
                start = cell.end
                if bytes.isEmpty, !cell.isQuoted { continue }
                buffer.writeCSV(bytes, isGuarded: guardsFormulas && !CSVText.isNegativeNumber(bytes))
            }
        }
        buffer.writeStaticString("\r\n")
    }
}
