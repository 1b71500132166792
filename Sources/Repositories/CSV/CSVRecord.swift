import HTTPPipeline
package import NIOCore

/// The cells of a row of CSV as texts, to write them out.
///
/// A cell above the limit of its bytes is empty, and cells above that of columns are dropped.
package struct CSVRecord: Sendable {
    /// The index of the row in the file. The header and empty lines are not counted.
    package let index: Int

    /// The physical line on which the row begins, counted from 1.
    package let line: Int

    private let text: [UInt8]
    private let cells: [CSVCell]

    init(_ cursor: borrowing CSVCursor, index: Int, removesFormulaGuards: Bool) {
        self.index = index
        line = cursor.cells.first?.line ?? cursor.line
        var text: [UInt8] = []
        text.reserveCapacity(cursor.textByteCount)
        var cells = cursor.cells
        cursor.withText { bytes in
            var start = 0
            for index in cells.indices {
                var range = start..<cells[index].end
                start = range.upperBound
                if removesFormulaGuards, CSVText.isGuarded(UnsafeRawBufferPointer(rebasing: bytes[range])) {
                    range = range.dropFirst()
                }
                // What follows is the rest of the file.
                if cells[index].problem == .unterminatedQuote,
                    let end = bytes[range].firstIndex(where: { $0 == 0x0A || $0 == 0x0D })
                {
                    range = range.lowerBound..<end
                }
                text.append(contentsOf: bytes[range])
                cells[index].end = text.count
            }
        }
        self.text = text
        self.cells = cells
    }

    /// Writes a line with names of columns.
    package static func writeHeader(_ names: [String], to buffer: inout ByteBuffer) {
        for (index, name) in names.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeCSV(name, isGuarded: true)
        }
        buffer.writeStaticString("\r\n")
    }

    /// The number of cells.
    package var cellCount: Int { cells.count }

    /// Returns the text of a cell, with U+FFFD in place of bytes that are not valid UTF-8.
    package func cell(_ index: Int) -> String {
        String(decoding: text[range(of: index)], as: UTF8.self)
    }

    private func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : cells[index - 1].end)..<cells[index].end
    }

    /// Writes the cells as a line of CSV (RFC 4180).
    ///
    /// - Parameters:
    ///   - buffer: The buffer to which the line is added.
    ///   - guardsFormulas: Whether cells that a spreadsheet would run get an apostrophe in front, except plain negative numbers.
    package func write(to buffer: inout ByteBuffer, guardsFormulas: Bool = true) {
        text.withUnsafeBytes { text in
            for (index, cell) in cells.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                let bytes = UnsafeRawBufferPointer(rebasing: text[range(of: index)])
                // A line without any character is no row.
                if bytes.isEmpty, !cell.isQuoted, cells.count > 1 { continue }
                buffer.writeCSV(bytes, isGuarded: guardsFormulas && !CSVText.isNegativeNumber(bytes))
            }
        }
        buffer.writeStaticString("\r\n")
    }

    /// Writes the cells as a line of CSV (RFC 4180), after those of ``CSVFailedRow/columns``.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to which the line is added.
    ///   - field: The name of the field with a problem, or nil.
    ///   - message: What is wrong with the row, or nil.
    ///   - guardsFormulas: Whether cells that a spreadsheet would run get an apostrophe in front, except plain negative numbers.
    package func write(to buffer: inout ByteBuffer, field: String?, message: String?, guardsFormulas: Bool = true) {
        buffer.writeString("\(line),")
        buffer.writeCSV(field ?? "", isGuarded: guardsFormulas)
        buffer.writeStaticString(",")
        buffer.writeCSV(message ?? "", isGuarded: guardsFormulas)
        buffer.writeStaticString(",")
        write(to: &buffer, guardsFormulas: guardsFormulas)
    }

    /// Writes the cells as a JSON object of texts. Cells without a column are left out.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to which the object is added.
    ///   - header: The names of the columns.
    package func writeJSON(to buffer: inout ByteBuffer, header: [String]) {
        buffer.writeStaticString("{")
        text.withUnsafeBytes { text in
            for (index, name) in header.prefix(cells.count).enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                buffer.writeJSON(name)
                buffer.writeStaticString(":")
                let bytes = UnsafeRawBufferPointer(rebasing: text[range(of: index)])
                guard CSVEncodingCheck.malformedIndex(in: bytes) == nil else {
                    buffer.writeJSON(cell(index))
                    continue
                }
                let capacity = JSONOutput.capacity(ofTextWith: bytes.count)
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room in
                    var output = JSONOutput(room)
                    output.writeText(bytes)
                    return output.count
                }
            }
        }
        buffer.writeStaticString("}")
    }
}
