import HTTPPipeline
public import NIOCore

/// Writes rows as JSON objects (RFC 8259), without strings or `Codable`.
///
/// The members are the visible fields in the order of their declaration, or the selected ones. An absent cell has no
/// member.
public struct JSONRowWriter: Sendable {
    /// The names of the fields to write.
    public let names: [String]

    /// The names as they are written, with quotes and a colon.
    private let prefixes: [[UInt8]]

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - names: The names of the fields to write, or nil for all visible fields.
    public init(_ fields: FieldSet, names: [String]? = nil) {
        self.names = names ?? fields.visible.map(\.name)
        prefixes = self.names.map { Array("\"\($0)\":".utf8) }
    }

    /// Writes one row as an object.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - batch: The rows.
    ///   - buffer: The buffer to which the object is added.
    ///   - extra: Writes more members after those of the fields.
    /// - Complexity: O(number of fields and bytes of text).
    public func write(
        row: Int, of batch: RowBatch, to buffer: inout ByteBuffer,
        extra: ((_ row: Int, _ members: inout JSONMembers) -> Void)? = nil
    ) {
        let columns = names.map { batch.column(of: $0) }
        batch.withTextBytes { write(row, of: batch, columns, $0, to: &buffer, extra) }
    }

    /// Writes all rows as an array of objects.
    ///
    /// - Parameters:
    ///   - batch: The rows.
    ///   - buffer: The buffer to which the array is added.
    ///   - extra: Writes more members of each object after those of the fields.
    /// - Complexity: O(number of cells and bytes of text).
    public func write(
        _ batch: RowBatch, to buffer: inout ByteBuffer,
        extra: ((_ row: Int, _ members: inout JSONMembers) -> Void)? = nil
    ) {
        write(rows: 0..<batch.rowCount, of: batch, to: &buffer, extra: extra)
    }

    /// Writes some rows as an array of objects.
    ///
    /// - Parameters:
    ///   - rows: The rows to write.
    ///   - batch: All rows.
    ///   - buffer: The buffer to which the array is added.
    ///   - extra: Writes more members of each object after those of the fields.
    public func write(
        rows: Range<Int>, of batch: RowBatch, to buffer: inout ByteBuffer,
        extra: ((_ row: Int, _ members: inout JSONMembers) -> Void)? = nil
    ) {
        let columns = names.map { batch.column(of: $0) }
        buffer.writeInteger(UInt8(ascii: "["))
        batch.withTextBytes { text in
            for row in rows {
                if row > rows.lowerBound { buffer.writeInteger(UInt8(ascii: ",")) }
                write(row, of: batch, columns, text, to: &buffer, extra)
            }
        }
        buffer.writeInteger(UInt8(ascii: "]"))
    }

    private func write(
        _ row: Int, of batch: RowBatch, _ columns: [Int?], _ text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer,
        _ extra: ((_ row: Int, _ members: inout JSONMembers) -> Void)?
    ) {
        var capacity = 2
        for (index, column) in columns.enumerated() {
            guard let column else { continue }
            capacity += prefixes[index].count + 1
            if case .text(_, let length) = batch[row, column] {
                capacity += JSONOutput.capacity(ofTextWith: Int(length))
            } else {
                capacity += JSONOutput.scalarCapacity
            }
        }
        var isFirst = true
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room in
            var output = JSONOutput(room)
            output.write(UInt8(ascii: "{"))
            for (index, column) in columns.enumerated() {
                guard let column else { continue }
                let cell = batch[row, column]
                if cell == .absent { continue }
                if !isFirst { output.write(UInt8(ascii: ",")) }
                isFirst = false
                output.write(prefixes[index])
                switch cell {
                case .absent, .null: output.write("null")
                case .integer(let value): output.write(value)
                case .number(let value): output.write(value)
                case .boolean(let value): output.write(value ? "true" : "false")
                case .text(let offset, let length):
                    output.writeText(UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)]))
                }
            }
            if extra == nil { output.write(UInt8(ascii: "}")) }
            return output.count
        }
        guard let extra else { return }
        var members = JSONMembers(taking: &buffer, isFirst: isFirst)
        extra(row, &members)
        buffer = members.buffer
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}
