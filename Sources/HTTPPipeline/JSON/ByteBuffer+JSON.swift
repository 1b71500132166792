public import NIOCore

extension ByteBuffer {
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
}
