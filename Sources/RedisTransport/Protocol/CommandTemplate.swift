import NIOCore

/// A command with one variable argument: a constant prefix and 32 hexadecimal digits.
///
/// Everything but the digits is encoded once. Writing the command for a value then copies two buffers and creates no string, which
/// matters for commands that are sent for every request.
package final class CommandTemplate: Sendable {
    private let head: ByteBuffer
    private let tail: ByteBuffer

    /// Creates a template.
    ///
    /// - Parameters:
    ///   - before: The command's name and the arguments before the variable one.
    ///   - prefix: The constant part of the variable argument, before the digits.
    ///   - after: The arguments after the variable one.
    package init(_ before: [String], prefix: String, after: [String]) {
        let digits = String(repeating: "0", count: 32)
        let arguments = before + [prefix + digits] + after
        var whole = ByteBuffer()
        RedisCommand(arguments.map { .text($0) }).write(to: &whole)
        var rest = ByteBuffer()
        RedisCommand(after.map { .text($0) }).write(to: &rest)
        // Skips the array header of the trailing arguments.
        rest.moveReaderIndex(forwardBy: "*\(after.count)\r\n".utf8.count)
        let tailLength = 2 + rest.readableBytes
        head = ByteBuffer(bytes: whole.readableBytesView.dropLast(tailLength + digits.utf8.count))
        tail = ByteBuffer(bytes: whole.readableBytesView.suffix(tailLength))
    }

    /// Writes the command for a 128-bit value, whose lower-case digits complete the variable argument.
    func write(high: UInt64, low: UInt64, to buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(head)
        buffer.writeHexadecimal(high)
        buffer.writeHexadecimal(low)
        buffer.writeImmutableBuffer(tail)
    }
}

extension ByteBuffer {
    /// Writes a number as sixteen lower-case hexadecimal digits.
    fileprivate mutating func writeHexadecimal(_ number: UInt64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { bytes in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number &>> UInt64(60 &- 4 &* index)) & 15
                bytes[index] = digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
            }
            return 16
        }
    }
}
