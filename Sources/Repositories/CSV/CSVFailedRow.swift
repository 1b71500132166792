public import NIOCore

/// A row of CSV that could not be read, with its cells, so that it can be written out, mended and sent again.
public struct CSVFailedRow: Sendable {
    /// The names of the columns that ``writeHeader(of:to:)`` puts before those of the source. Readers ignore columns with such names.
    public static let columns = ["_line", "_field", "_error"]

    private let record: CSVRecord

    /// The problems, at least one.
    public let problems: [CSVProblem]

    init(_ record: CSVRecord, problems: [CSVProblem]) {
        self.record = record
        self.problems = problems
    }

    /// The index of the row in the file. The header and empty lines are not counted.
    public var index: Int { record.index }

    /// The physical line on which the row begins, counted from 1.
    public var line: Int { record.line }

    /// The number of cells that were read. A cell above the limit of its bytes is empty, and cells above that of columns are dropped.
    public var cellCount: Int { record.cellCount }

    /// Returns the text of a cell, with U+FFFD in place of bytes that are not valid UTF-8.
    public func cell(_ index: Int) -> String { record.cell(index) }

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
        CSVRecord.writeHeader(columns + header, to: &buffer)
    }

    /// Writes a line with the number of the source's line, the field and the message of the first problem, and the cells.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to which the line is added.
    ///   - guardsFormulas: Whether cells that a spreadsheet would run get an apostrophe in front, except plain negative numbers. A reader
    ///     removes it with ``CSVRowReader/Options/removesFormulaGuards``.
    public func write(to buffer: inout ByteBuffer, guardsFormulas: Bool = true) {
        record.write(
            to: &buffer, field: problems.first?.field, message: problems.first?.message, guardsFormulas: guardsFormulas)
    }
}
