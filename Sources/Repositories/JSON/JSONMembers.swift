import HTTPPipeline
public import NIOCore

/// Writes members of a JSON object that is being written.
public struct JSONMembers {
    package var buffer: ByteBuffer
    private var isFirst: Bool

    /// Takes the buffer from its owner, so that writing does not copy it.
    package init(taking buffer: inout ByteBuffer, isFirst: Bool) {
        self.buffer = buffer
        buffer = ByteBuffer()
        self.isFirst = isFirst
    }

    /// Writes a member.
    ///
    /// - Parameters:
    ///   - name: The name of the member. It must differ from the other names.
    ///   - value: The value.
    public mutating func write(_ name: String, _ value: RowValue) {
        write(name) { $0.writeJSON(value) }
    }

    /// Writes a member with a value of any kind.
    ///
    /// - Parameters:
    ///   - name: The name of the member. It must differ from the other names.
    ///   - value: Writes exactly one JSON value.
    public mutating func write(_ name: String, _ value: (inout ByteBuffer) -> Void) {
        if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
        isFirst = false
        buffer.writeJSON(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        value(&buffer)
    }
}
