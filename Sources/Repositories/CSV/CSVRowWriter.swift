import HTTPPipeline
public import NIOCore

/// Writes rows as CSV (RFC 4180), without strings.
///
/// A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front, because spreadsheets
/// run such texts as formulas; numbers never do. ``CSVRowReader/Options/removesFormulaGuards`` removes it again, and to that end texts that
/// begin with apostrophes before such a character get another one. Null and absent cells are empty, and empty texts are `""`.
public struct CSVRowWriter: Sendable {
    /// The names of the fields to write.
    public let names: [String]

    /// Whether texts that a spreadsheet would run get an apostrophe in front.
    public let guardsFormulas: Bool

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - names: The names of the fields to write, or nil for all visible fields.
    ///   - guardsFormulas: Whether texts that a spreadsheet would run get an apostrophe in front. Without it, programs read the texts
    ///     as they are.
    public init(_ fields: FieldSet, names: [String]? = nil, guardsFormulas: Bool = true) {
        self.guardsFormulas = guardsFormulas
        self.names = names ?? fields.visible.map(\.name)
    }

    /// Writes the line with the names of the fields.
    public func writeHeader(to buffer: inout ByteBuffer) {
        for (index, name) in names.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeString(name)
        }
        buffer.writeStaticString("\r\n")
    }

    /// Writes one line for each row.
    ///
    /// - Parameters:
    ///   - batch: The rows.
    ///   - buffer: The buffer to which the lines are added.
    /// - Complexity: O(number of cells and bytes of text).
    public func write(_ batch: RowBatch, to buffer: inout ByteBuffer) {
        let columns = names.map { batch.column(of: $0) }
        batch.withTextBytes { text in
            for row in 0..<batch.rowCount {
                var capacity = columns.count + 2
                for case .text(_, let length)? in columns.map({ $0.map { batch[row, $0] } }) {
                    capacity += CSVText.capacity(ofTextWith: Int(length))
                }
                capacity += columns.count * JSONOutput.scalarCapacity
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room in
                    var output = JSONOutput(room)
                    for (index, column) in columns.enumerated() {
                        if index > 0 { output.write(UInt8(ascii: ",")) }
                        if let column { write(batch[row, column], text, &output) }
                    }
                    output.write("\r\n")
                    return output.count
                }
            }
        }
    }

    private func write(_ cell: Cell, _ text: UnsafeRawBufferPointer, _ output: inout JSONOutput) {
        switch cell {
        case .absent, .null: break
        case .integer(let value): output.write(value)
        case .number(let value): if value.isFinite { output.write(value) }
        case .boolean(let value): output.write(value ? "true" : "false")
        case .text(let offset, let length):
            let bytes = UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)])
            CSVText.write(bytes, isGuarded: guardsFormulas, &output)
        }
    }
}
