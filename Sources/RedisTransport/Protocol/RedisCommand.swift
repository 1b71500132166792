public import NIOCore

/// A command: its name and its arguments.
///
/// ```swift
/// let command: RedisCommand = ["SET", .text(key), .bytes(value), "PX", 5000]
/// ```
public struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
    /// The name of a command or one of its arguments.
    public enum Argument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// A string, sent as UTF-8.
        case text(String)
        /// An integer, sent as decimal digits.
        case integer(Int64)
        /// Bytes, sent unchanged.
        case bytes(ByteBuffer)

        /// Creates a string argument.
        public init(stringLiteral value: String) { self = .text(value) }
        /// Creates an integer argument.
        public init(integerLiteral value: Int64) { self = .integer(value) }
    }

    private enum Content: Sendable {
        case arguments([Argument])
        case template(CommandTemplate, high: UInt64, low: UInt64)
    }

    private let content: Content

    /// Creates a command.
    ///
    /// - Parameter arguments: The name of the command, then its arguments.
    public init(_ arguments: [Argument]) {
        content = .arguments(arguments)
    }

    /// Creates a command from its name and its arguments.
    public init(arrayLiteral arguments: Argument...) {
        content = .arguments(arguments)
    }

    /// Creates the command of a template for a 128-bit value.
    package init(_ template: CommandTemplate, high: UInt64, low: UInt64) {
        content = .template(template, high: high, low: low)
    }

    /// Writes the command as an array of bulk strings.
    func write(to buffer: inout ByteBuffer) {
        switch content {
        case .template(let template, let high, let low): template.write(high: high, low: low, to: &buffer)
        case .arguments(let arguments):
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.longestHead) { target in
                Self.writeHead(UInt8(ascii: "*"), arguments.count, to: target)
            }
            for argument in arguments { Self.write(argument, to: &buffer) }
        }
    }

    private static func write(_ argument: Argument, to buffer: inout ByteBuffer) {
        switch argument {
        case .text(let text): write(text, to: &buffer)
        case .integer(let value): write(String(value), to: &buffer)
        case .bytes(let bytes): bytes.withUnsafeReadableBytes { write($0, to: &buffer) }
        }
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: &buffer) }
    }

    /// Writes a bulk string with a single call to the buffer: each call costs more than copying the bytes.
    private static func write(_ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        let room = longestHead + bytes.count + 2
        // The target has at least that capacity and does not overlap the source: a buffer that shares its storage is copied first.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            let start = writeHead(UInt8(ascii: "$"), bytes.count, to: target)
            let end = start + bytes.count
            UnsafeMutableRawBufferPointer(rebasing: target[start..<end]).copyMemory(from: bytes)
            target[end] = UInt8(ascii: "\r")
            target[end + 1] = UInt8(ascii: "\n")
            return end + 2
        }
    }

    /// The length of a type byte, nineteen digits and a line break.
    private static let longestHead = 22

    /// Writes a type byte and a count.
    ///
    /// The target has room for at least ``longestHead`` bytes, which is enough for any count.
    ///
    /// - Returns: The number of bytes written.
    private static func writeHead(_ type: UInt8, _ count: Int, to target: UnsafeMutableRawBufferPointer) -> Int {
        target[0] = type
        var digitCount = 0
        var rest = count
        repeat {
            digitCount += 1
            rest /= 10
        } while rest > 0
        rest = count
        for index in stride(from: digitCount, to: 0, by: -1) {
            target[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        target[digitCount + 1] = UInt8(ascii: "\r")
        target[digitCount + 2] = UInt8(ascii: "\n")
        return digitCount + 3
    }
}

extension RedisCommand: Equatable {
    /// Returns whether both commands are encoded as the same bytes.
    public static func == (left: RedisCommand, right: RedisCommand) -> Bool {
        var buffers = (ByteBuffer(), ByteBuffer())
        left.write(to: &buffers.0)
        right.write(to: &buffers.1)
        return buffers.0 == buffers.1
    }
}
