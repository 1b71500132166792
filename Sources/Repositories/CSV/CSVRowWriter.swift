import HTTPPipeline
public import NIOCore

/// Writes rows as CSV (RFC 4180), without strings.
///
/// A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front, because spreadsheets
/// run such texts as formulas. Null and absent cells are empty, and empty texts are `""`.
public struct CSVRowWriter: Sendable {
    /// The names of the fields to write.
    public let names: [String]

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - names: The names of the fields to write, or nil for all visible fields.
    public init(_ fields: FieldSet, names: [String]? = nil) {
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
                    capacity += 2 * Int(length) + 3
                }
                capacity += columns.count * JSONOutput.scalarCapacity
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room in
                    var output = JSONOutput(room)
                    for (index, column) in columns.enumerated() {
                        if index > 0 { output.write(UInt8(ascii: ",")) }
                        if let column { Self.write(batch[row, column], text, &output) }
                    }
                    output.write("\r\n")
                    return output.count
                }
            }
        }
    }

    private static func write(_ cell: Cell, _ text: UnsafeRawBufferPointer, _ output: inout JSONOutput) {
        switch cell {
        case .absent, .null: break
        case .integer(let value): output.write(value)
        case .number(let value): if value.isFinite { output.write(value) }
        case .boolean(let value): output.write(value ? "true" : "false")
        case .text(let offset, let length):
            write(UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)]), &output)
        }
    }

    private static func write(_ text: UnsafeRawBufferPointer, _ output: inout JSONOutput) {
        var isQuoted = text.isEmpty
        for byte in text {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"): isQuoted = true
            default: break
            }
        }
        // Readers may drop blanks at the ends of a cell without quotes.
        if text.first == UInt8(ascii: " ") || text.last == UInt8(ascii: " ") { isQuoted = true }
        if isQuoted { output.write(UInt8(ascii: "\"")) }
        switch text.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D:
            output.write(UInt8(ascii: "'"))
        default: break
        }
        if isQuoted {
            for byte in text {
                if byte == UInt8(ascii: "\"") { output.write(byte) }
                output.write(byte)
            }
            output.write(UInt8(ascii: "\""))
        } else {
            output.write(text)
        }
    }
}
