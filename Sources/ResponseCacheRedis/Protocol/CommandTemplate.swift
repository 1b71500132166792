import KeyConstructor
import NIOCore

/// A command that differs only in a ``CacheKey`` from others of its kind, as its bytes around the digits of the key.
///
/// Of the commands of a store it is the one for every look-up: it is written without making a text of the key.
final class CommandTemplate: Sendable {
    private let head: ByteBuffer
    private let tail: ByteBuffer

    /// Creates a template.
    ///
    /// - Parameters:
    ///   - before: The arguments before the one with the key.
    ///   - prefix: What stands in that argument before the key's digits.
    ///   - after: The arguments after it.
    init(_ before: [String], prefix: String, after: [String]) {
        let digits = String(repeating: "0", count: 32)
        let arguments = before + [prefix + digits] + after
        var whole = ByteBuffer()
        RedisCommand(arguments.map { .text($0) }).write(to: &whole)
        var rest = ByteBuffer()
        RedisCommand(after.map { .text($0) }).write(to: &rest)
        // Without the line that counts the arguments.
        rest.moveReaderIndex(forwardBy: "*\(after.count)\r\n".utf8.count)
        let tailLength = 2 + rest.readableBytes
        head = ByteBuffer(bytes: whole.readableBytesView.dropLast(tailLength + digits.utf8.count))
        tail = ByteBuffer(bytes: whole.readableBytesView.suffix(tailLength))
    }

    /// Writes the command for a key.
    func write(_ key: CacheKey, to buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(head)
        buffer.writeHexadecimal(key.high)
        buffer.writeHexadecimal(key.low)
        buffer.writeImmutableBuffer(tail)
    }
}

extension ByteBuffer {
    /// Writes the sixteen lower-case digits of a number.
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
