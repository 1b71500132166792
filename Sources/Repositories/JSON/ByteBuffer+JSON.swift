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

    /// Writes a text as a JSON string (RFC 8259 section 7), with escapes only where they are required.
    ///
    /// - Complexity: O(length of the text).
    public mutating func writeJSON(_ text: String) {
        var text = text
        _ = text.withUTF8 { bytes in
            writeWithUnsafeMutableBytes(minimumWritableBytes: JSONOutput.capacity(ofTextWith: bytes.count)) { room in
                var output = JSONOutput(room)
                output.writeText(UnsafeRawBufferPointer(bytes))
                return output.count
            }
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
