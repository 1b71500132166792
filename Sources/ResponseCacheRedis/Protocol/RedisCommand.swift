import KeyConstructor
package import NIOCore

/// A command for a server: its name and its arguments.
package struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
    /// A name, or an argument.
    package enum Argument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        case integer(Int64)
        case bytes(ByteBuffer)

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
    }

    private enum Content: Sendable {
        case arguments([Argument])
        case template(CommandTemplate, CacheKey)
    }

    private let content: Content

    package init(_ arguments: [Argument]) {
        content = .arguments(arguments)
    }

    package init(arrayLiteral arguments: Argument...) {
        content = .arguments(arguments)
    }

    /// Creates the command of a template for a key.
    init(_ template: CommandTemplate, key: CacheKey) {
        content = .template(template, key)
    }

    /// Writes the command as the protocol has it: an array of strings, whose bytes may be any.
    func write(to buffer: inout ByteBuffer) {
        switch content {
        case .template(let template, let key): template.write(key, to: &buffer)
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

    /// Writes a string of the protocol, length and all, as one piece: each piece costs more than its bytes.
    private static func write(_ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        let room = longestHead + bytes.count + 2
        // The target has at least that room, and no bytes in common with the source: a buffer that shares its bytes copies them first.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            let start = writeHead(UInt8(ascii: "$"), bytes.count, to: target)
            let end = start + bytes.count
            UnsafeMutableRawBufferPointer(rebasing: target[start..<end]).copyMemory(from: bytes)
            target[end] = UInt8(ascii: "\r")
            target[end + 1] = UInt8(ascii: "\n")
            return end + 2
        }
    }

    /// The bytes of a type, nineteen digits and the end of the line.
    private static let longestHead = 22

    /// Writes a type and a number of elements or bytes.
    ///
    /// The target has room for ``longestHead`` bytes at least, which is enough for every count.
    ///
    /// - Returns: The number of bytes.
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
    /// Whether both are written as the same bytes.
    package static func == (left: RedisCommand, right: RedisCommand) -> Bool {
        var buffers = (ByteBuffer(), ByteBuffer())
        left.write(to: &buffers.0)
        right.write(to: &buffers.1)
        return buffers.0 == buffers.1
    }
}
