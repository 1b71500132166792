import HTTPPipeline
public import NIOCore

extension ByteBuffer {
    /// Writes a value as JSON (RFC 8259). Numbers that are not finite are written as `null`.
    ///
    /// - Complexity: O(length of a text).
    public mutating func writeJSON(_ value: RowValue) {
        switch value {
        case .null: writeStaticString("null")
        case .integer(let value): writeInteger(asText: value)
        case .number(let value): writeNumber(asText: value)
        case .boolean(let value): writeStaticString(value ? "true" : "false")
        case .text(let text): writeJSON(text)
        }
    }

    private mutating func writeInteger(asText value: Int64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: JSONOutput.scalarCapacity) { room in
            var output = JSONOutput(room)
            output.write(value)
            return output.count
        }
    }

    private mutating func writeNumber(asText value: Double) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: JSONOutput.scalarCapacity) { room in
            var output = JSONOutput(room)
            output.write(value)
            return output.count
        }
    }
}
